"""Secrets out of everything that is read: what looks like a secret, and what stands beside a word that announces one.

A masked value reads `[masked:kind]`; masking twice changes nothing.
"""

from remediation.masking.objects import mask_object
from remediation.masking.text import mask

__all__ = ["mask", "mask_object"]
