"""Finding providers: files and packages in `providers/`, and installed packages through their entry point.

Being there is enough. A file that cannot be imported, or contradicts itself, takes out its own provider; the
reason is kept for the log, `providers` and `check`, and the others run.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from unfurler.engine.registry import check_alone
from unfurler.sdk.provider import Provider

ENTRY_POINT_GROUP = "unfurler.providers"
PACKAGE = "providers"


@dataclass(frozen=True, slots=True)
class Broken:
    """A provider that could not be loaded: the name of its file or entry point, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was found, by name."""

    providers: tuple[Provider, ...]
    broken: tuple[Broken, ...]

    @property
    def any_page(self) -> Provider | None:
        """The one that reads pages of any domain."""
        return next((provider for provider in self.providers if provider.sites.any_domain), None)


def load_providers(folder: Path | None = None) -> Loaded:
    """Every provider of the `providers` package, of `folder` (default: `providers/` where we stand), and installed."""
    providers: dict[str, Provider] = {}
    broken: list[Broken] = []
    for name, find in _sources(folder or Path.cwd() / PACKAGE):
        try:
            provider = _provider_in(find(), name)
            check_alone(provider)
            if provider.name in providers:
                raise ValueError(f"another provider is called {provider.name!r} already")
            providers[provider.name] = provider
        except (Exception, SystemExit) as error:  # whatever an author's file does wrong stays its own fault
            broken.append(Broken(name, _sentence(error)))
    return Loaded(tuple(providers[name] for name in sorted(providers)), tuple(broken))


def load_file(path: Path) -> Provider:
    """The provider of one file. Raises what the file raises, ValueError where it holds no provider."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    provider = _provider_in(module, path.stem)
    check_alone(provider)
    return provider


def load_anew(path: Path) -> Provider:
    """The provider of a file or package as it stands now, whatever was imported of it before.

    Raises what its code raises, ValueError where it holds no provider, ProviderFault.
    """
    package = importlib.import_module(PACKAGE)
    folder = str(path.resolve().parent)
    if folder not in package.__path__:
        package.__path__.insert(0, folder)
    name = f"{PACKAGE}.{path.stem}"
    for known in [one for one in sys.modules if one == name or one.startswith(f"{name}.")]:
        del sys.modules[known]
    importlib.invalidate_caches()
    provider = _provider_in(importlib.import_module(name), path.stem)
    check_alone(provider)
    return provider


class _Find:
    """How one source is imported; called only when its turn comes."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __call__(self) -> ModuleType:
        return importlib.import_module(self._module)


def _sources(folder: Path) -> Iterator[tuple[str, _Find]]:
    package = importlib.import_module(PACKAGE)
    paths: Sequence[str] = [str(path) for path in package.__path__]
    if folder.is_dir() and str(folder) not in paths:
        package.__path__.append(str(folder))
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
        if not module.name.startswith("_"):
            yield module.name, _Find(f"{PACKAGE}.{module.name}")
    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name):
        yield point.name, _Find(point.module)


def _provider_in(module: ModuleType, name: str) -> Provider:
    found = {id(value): value for value in vars(module).values() if isinstance(value, Provider)}
    if len(found) != 1:
        raise ValueError(f"{name} holds {len(found)} providers; a provider's file or package holds exactly one")
    return next(iter(found.values()))


def _sentence(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]
