"""Entry points: the command line, the HTTP service, the local stack and the sample inbox."""
