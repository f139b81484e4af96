"""What every test may count on."""

import signal

# A shell that runs the tests in the background lets them ignore Ctrl-C, and with them the commands that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
