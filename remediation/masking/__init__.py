"""Secrets out of everything that is read: what looks like a secret, and what stands beside a word that announces one.

What this process was entrusted with itself it `learn`s at start. A masked value reads `[masked:kind]`; masking twice changes nothing.
"""

from remediation.masking.objects import mask_object
from remediation.masking.text import learn, mask

__all__ = ["learn", "mask", "mask_object"]
