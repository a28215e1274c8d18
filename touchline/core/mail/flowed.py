"""text/plain; format=flowed (RFC 3676): lines that were only broken for old screens are joined again."""


def unflowed(text: str, *, delsp: bool = False) -> str:
    """Join soft line breaks, undo space-stuffing, keep the depth of quotes. With `delsp` the blank at the break was added.

    `-- ` ends in a blank and is a signature's line all the same.
    """
    out: list[list[str]] = []  # a list for each line, since words joined to words one by one would be copied each time
    open_depth = -1  # the depth of the paragraph that the last line left open; -1: none
    for line in text.split("\n"):
        line = line.rstrip("\r")
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:]
        if words.startswith(" "):
            words = words[1:]
        soft = words.endswith(" ") and words != "-- "
        if words == "-- " or depth != open_depth:
            out.append([">" * depth + " " if depth else "", words])
        else:
            out[-1].append(words)
        if soft and delsp:
            out[-1][-1] = words[:-1]
        open_depth = depth if soft else -1
    return "\n".join("".join(pieces) for pieces in out)
