"""Prometheus text, read."""
import re

_SAMPLE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def parse(text):
    """A list of (name, labels as a dict, value)."""
    samples = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        found = _SAMPLE.match(line)
        if not found:
            raise ValueError(f"no sample: {line}")
        samples.append((found[1], dict(_LABEL.findall(found[2] or "")), float(found[3])))
    return samples


def total(text, name, **labels):
    """The sum over all samples of a name that have these labels; 0 when there is none."""
    return sum(value for found, has, value in parse(text)
               if found == name and labels.items() <= has.items())
