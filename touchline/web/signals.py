"""What other systems tell us of people whom we helped (docs/api.md). Answers are JSON; what is wrong is said in one sentence."""

from allauth.core import ratelimit  # type: ignore[import-untyped]
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from touchline.core.signals.product_event import LARGEST, NotRead, read
from touchline.desk.models import ApiToken, KeyTaken, ProductEvent
from touchline.web.request import Request


class Refused(Exception):
    """A statement that is not taken: `status`, and one sentence; `field` is where it is wrong, if anywhere."""

    def __init__(self, status: int, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.answer = {"error": sentence} | ({"field": field} if field else {})


@csrf_exempt  # a program signs in with its token, and has no cookie of ours
def product_event(request: Request) -> JsonResponse:
    """A product states that someone did something. 202 once it is kept, whether or not we know them; the same again changes nothing."""
    try:
        if request.method != "POST":
            raise Refused(405, "Statements are posted.")
        token = _token(request)
        stated = read(_body(request), at=request.at)
        if not token.may_state(stated.event):
            raise Refused(403, f"This token may not state {stated.event}.", "event")
        ProductEvent.state(stated, token=token, at=request.at)
    except NotRead as trouble:
        return JsonResponse({"error": trouble.sentence} | ({"field": trouble.field} if trouble.field else {}), status=422)
    except KeyTaken:
        return JsonResponse({"error": "This key came before, and something else was stated with it.", "field": "key"}, status=409)
    except Refused as trouble:
        return _refused(trouble)
    else:
        return JsonResponse({"kept": stated.key}, status=202)


def _token(request: Request) -> ApiToken:
    """The token that the request came with; guesses and floods are refused."""
    how, _space, words = request.headers.get("Authorization", "").partition(" ")
    token = ApiToken.known(words.strip(), at=request.at) if how.lower() == "bearer" else None
    if token is None and not ratelimit.consume(request, action="api_guess"):
        raise Refused(429, "Too many came without a token that we know. Please wait a few minutes.")
    elif token is None:
        raise Refused(401, "We know no such token, or it was revoked. Send one as `Authorization: Bearer tl_...`.")
    elif not ratelimit.consume(request, action="api", key=str(token.pk)):
        raise Refused(
            429, "More came with this token in a minute than are taken. Please send it again in a minute, with the same key."
        )
    else:
        return token


def _body(request: HttpRequest) -> bytes:
    if len(request.body) > LARGEST:
        raise Refused(413, f"A statement has {LARGEST} bytes at most.")
    return request.body


def _refused(trouble: Refused) -> JsonResponse:
    response = JsonResponse(trouble.answer, status=trouble.status)
    if trouble.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    elif trouble.status == 405:
        response["Allow"] = "POST"
    elif trouble.status == 429:
        response["Retry-After"] = "60"
    return response
