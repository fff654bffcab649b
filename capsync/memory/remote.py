"""Objects in an object store (s3://, gs://, az://), written only if nobody else has since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from capsync import jsonio
from capsync.errors import CapsyncError
from capsync.memory.state import State
from capsync.memory.statefile import StateMoved, decode_state, encode_state

if TYPE_CHECKING:
    from obstore.store import ObjectStore, RetryConfig

Json = Any
T = TypeVar("T")

SCHEMES = frozenset({"s3", "s3a", "gs", "az", "azure", "abfs", "abfss"})

_RETRIES: RetryConfig = {"max_retries": 4, "retry_timeout": timedelta(seconds=60)}
_LONGEST = 300  # of what the store says


class Moved(Exception):
    """The object is not of the version that was asked for."""


class RemoteObject:
    """One object at a URL. Credentials come from the process environment, as for the store's own
    tools. Raises CapsyncError where the store can not be used."""

    def __init__(self, url: str) -> None:
        self.url = url
        folder, _, self._name = url.rstrip("/").rpartition("/")
        parts = urlsplit(url)
        if not self._name or not parts.path.strip("/"):
            raise CapsyncError(f"{url} names no object", hint="write s3://BUCKET/PATH/uat.json")
        self._store: ObjectStore = self._asked(lambda: _opened(folder))

    def read(self) -> tuple[bytes, str] | None:
        """The content and its version, None where there is no such object."""
        import obstore

        try:
            found = self._asked(lambda: obstore.get(self._store, self._name))
            data = self._asked(lambda: found.bytes().to_bytes())
        except FileNotFoundError:
            return None
        return data, _version(found.meta)

    def write(self, data: bytes, version: str) -> str:
        """Write it in place of that version, "" where there is to be none; gives the new version.
        Raises Moved where it is another one."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        mode: Any = jsonio.loads(version) if version else "create"
        try:
            put = self._asked(lambda: obstore.put(self._store, self._name, data, mode=mode))
        except FileNotFoundError as error:
            if version:
                raise Moved from None
            raise CapsyncError(f"{self.url} can not be written: is there such a bucket?") from error
        except (AlreadyExistsError, PreconditionError):
            raise Moved from None
        return _version(put)

    def delete(self) -> None:
        """Remove it; nothing where there is none."""
        import obstore

        try:
            self._asked(lambda: obstore.delete(self._store, self._name))
        except FileNotFoundError:
            return

    def _asked(self, call: Callable[[], T]) -> T:
        """What a call of the store gives; its failures as CapsyncError, those that say something
        of versions as they are."""
        from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

        try:
            return call()
        except (AlreadyExistsError, PreconditionError, FileNotFoundError):
            raise
        except (BaseError, ValueError, OSError) as error:
            said = " ".join(str(error).partition("Debug source")[0].split())[:_LONGEST]
            raise CapsyncError(
                f"{self.url} can not be used: {said}",
                hint="check the credentials of the store in the process environment",
            ) from error


def _opened(url: str) -> ObjectStore:
    from obstore.store import from_url

    return from_url(url, retry_config=_RETRIES)


def _version(meta: Any) -> str:
    """What a conditional write has to name, as text: an ETag, a generation, or both."""
    named = {name: meta[name] for name in ("e_tag", "version") if meta.get(name)}
    return jsonio.dumps(named).decode()


def require_obstore(url: str) -> None:
    """Raises CapsyncError where the library that remote states need is not installed."""
    try:
        import obstore  # noqa: F401
    except ImportError:
        raise CapsyncError(
            f"the state {url} needs a library that is not installed",
            hint="pip install 'capsync[remote-state]'",
        ) from None


class StateObject:
    """A state in an object store."""

    is_shared = True

    def __init__(self, url: str) -> None:
        require_obstore(url)
        self.shown = url
        self._object = RemoteObject(url)

    def load(self) -> tuple[State, str]:
        """The state and the version of its object."""
        found = self._object.read()
        if found is None:
            return State(), ""
        return decode_state(found[0], self.shown), found[1]

    def save(self, state: State, version: str) -> str:
        """Put the state in place of the object of that version."""
        try:
            return self._object.write(encode_state(state), version)
        except Moved:
            raise StateMoved(f"{self.shown} was changed by somebody else") from None
