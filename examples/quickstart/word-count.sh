#!/bin/sh
# A short batch job of the quickstart: counts the words of its share of a text, as many small tasks do together.
set -eu
share=$1
seq "$((share * 100))" "$((share * 100 + 99))" | tr '\n' ' ' | wc -w | sed "s/^/share $share has words: /"
