"""The stories that the sandbox can play, by name."""

from bot.sandbox.stories import bad_image, drift, flux, helm, kustomize, not_cured, oom, self_heals
from bot.sandbox.stories.play import Merge, Press, Step, Story

_MODULES = (oom, bad_image, self_heals, not_cured, drift, kustomize, helm, flux)
STORIES: dict[str, Story] = {module.STORY.name: module.STORY for module in _MODULES}
PROCESSES = {module.PLACE: module.PROCESS for module in _MODULES}

__all__ = ["PROCESSES", "STORIES", "Merge", "Press", "Step", "Story"]
