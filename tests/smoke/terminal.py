#!/usr/bin/env python3
"""Types into a program on a terminal, as a person does, and waits for what must appear.
terminal.py PROGRAM... -- TYPE EXPECT [TYPE EXPECT]...   (TYPE understands \\t and \\n)
"""
import os
import pty
import select
import sys
import time

cut = sys.argv.index('--')
program, talk = sys.argv[1:cut], sys.argv[cut + 1:]
pid, fd = pty.fork()
if pid == 0:
    os.environ['TERM'] = 'vt100'
    os.execvp(program[0], program)


def expect(text, seen):
    end = time.monotonic() + 5
    while text not in seen:
        left = end - time.monotonic()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            sys.exit("no '%s' in: %r" % (text, seen[-400:]))
        try:
            seen += os.read(fd, 4096).decode(errors='replace')
        except OSError:
            sys.exit("ended before '%s': %r" % (text, seen[-400:]))
    return seen[seen.index(text) + len(text):]


rest = expect('spry>', '')
for typed, text in zip(talk[::2], talk[1::2]):
    os.write(fd, typed.replace('\\t', '\t').replace('\\n', '\n').encode())
    rest = expect(text, rest)
rest = expect('spry>', rest)
os.set_blocking(fd, False)  # a write to a terminal nobody has any more may wait for ever
end = time.monotonic() + 5
while time.monotonic() < end:
    try:
        # again, as a person does, on an empty line: the prompt is there a moment before the terminal is
        # raw, and until then it takes the end for itself, or makes a character of it
        os.write(fd, b'\x15\x04')
        if select.select([fd], [], [], 0.1)[0]:
            rest += os.read(fd, 4096).decode(errors='replace')
    except OSError:
        pass
    if os.waitpid(pid, os.WNOHANG)[0]:
        sys.exit(0)
sys.exit('it does not end with the input: %r' % rest[-400:])
