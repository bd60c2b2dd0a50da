"""The versions of models that are loaded: found by polling, used, drained and unloaded."""

import contextlib
import dataclasses
import math
import os
import threading
import time

import grpc
from absl import logging
from tensorflow_serving.apis import get_model_status_pb2

from tfgan_apps.serving.server import model_configs
from tfgan_apps.serving.server.servable import Servable
from tfgan_apps.serving.server.status import StatusError, as_status, without_directories

State = get_model_status_pb2.ModelVersionStatus


@dataclasses.dataclass
class _Version:
    path: str
    stamp: list
    state: int = State.LOADING
    code: int = 0
    message: str = ""
    servable: Servable | None = None
    users: int = 0


class ServableManager:
    """Keeps those versions of those models loaded that a configuration asks for.

    A new version is loaded and warmed up before the old one is drained, which ends when its last
    user has left. A version that cannot be loaded leaves the others as they are, and is tried again
    when its files have changed.

    Args:
        configs: `ModelServerConfig`, or a function without arguments that returns one and raises
            `model_configs.ConfigError`; it is called again while polling.
        poll_seconds: float, pause between two looks at the directories; 0 for one at the start.
        config_poll_seconds: float, least time between two calls of `configs`; 0 for one call.
        report: function of a line of text about what happened.
    """

    def __init__(self, configs, poll_seconds=1.0, config_poll_seconds=1.0, report=logging.info):
        self._read = configs if callable(configs) else lambda: configs
        self._poll_seconds = poll_seconds
        self._config_poll_seconds = config_poll_seconds
        self._report = report
        self._models = {}  # name -> version -> _Version
        self._labels = {}  # name -> label -> version
        self._config = self._last_read = None
        self._next_read = self._next_look = 0.0
        self._said = {}
        self._lock = threading.Condition()  # guards the dicts and the counts of users
        self._polling = threading.RLock()  # held by who loads or unloads
        self._wake, self._ending = threading.Event(), False
        self._thread = threading.Thread(target=self._poll_forever, name="poll", daemon=True)

    @contextlib.contextmanager
    def using(self, name, version=None, label=None):
        """Yields a loaded version, which stays loaded until the block ends.

        Args:
            name: str, the model's.
            version: int. Defaults to the latest that is loaded.
            label: str, a version's label, instead of `version`.

        Raises:
            StatusError: with TF Serving's code and message, when there is no such version.
        """
        entry = self._acquire(name, version, label)
        try:
            yield entry.servable
        finally:
            with self._lock:
                entry.users -= 1
                if entry.state == State.UNLOADING and not entry.users:
                    self._wake.set()
                    self._lock.notify_all()

    def statuses(self, name, version=None, label=None):
        """Returns the versions of a model that are or were here, the latest first.

        Args:
            name: str, the model's.
            version: int, for this version only.
            label: str; TF Serving takes it and reports all versions all the same.

        Returns:
            list of (version, `ModelVersionStatus.State`, code as int, message of an error or "").

        Raises:
            StatusError: NOT_FOUND with TF Serving's message.
        """
        with self._lock:
            versions = self._models.get(name, {})
            found = versions if version is None else {version: versions.get(version)}
            rows = [
                (number, entry.state, entry.code, _told(entry))
                for number, entry in sorted(found.items(), reverse=True)
                if entry
            ]
        if not rows:
            what = "any versions" if version is None else f"version {version}"
            raise _not_found(f"Could not find {what} of model {name}")
        return rows

    def start(self):
        """Loads what there is, then polls in a thread.

        Raises:
            model_configs.ConfigError: the configuration cannot be served, or no model in it.
        """
        self.poll()
        if not any(entry.state == State.AVAILABLE for entry in self._entries()):
            why = [entry.message for entry in self._entries()] + list(self._said.values())
            raise model_configs.ConfigError(
                f"No model could be loaded: {'; '.join(filter(None, why)) or 'none is listed'}"
            )
        self._thread.start()

    def poll(self):
        """Loads and unloads what has changed in the configuration and in the directories.

        Raises:
            model_configs.ConfigError: the first configuration cannot be served.
        """
        with self._polling:
            if self._ending:
                return
            self._reread()
            self._look()

    def reload(self, config):
        """Replaces the configuration until the one that is read changes.

        Args:
            config: `ModelServerConfig`.

        Raises:
            StatusError: INVALID_ARGUMENT and nothing changes, or UNKNOWN when a new model has no
                version that can be loaded.
        """
        model_configs.check(config)
        with self._polling:
            old = {model.name for model in self._config.model_config_list.config}
            self._config = config
            self.poll()
            new = {model.name for model in config.model_config_list.config} - old
        missing = sorted(name for name in new if not self._available(name))
        if missing:
            raise StatusError(
                grpc.StatusCode.UNKNOWN,
                f"{len(missing)} model(s) did not become available: {{{', '.join(missing)}}}",
            )

    def close(self, timeout=10.0):
        """Unloads everything; what is still used or being loaded after `timeout` seconds stays."""
        self._ending = True
        self._wake.set()
        if not self._polling.acquire(timeout=timeout):
            return
        try:
            for name in self._models:
                self._drain(name, keep={})
            with self._lock:
                self._lock.wait_for(lambda: not any(e.users for e in self._entries()), timeout)
            self._unload_drained()
        finally:
            self._polling.release()

    def _acquire(self, name, version, label):
        if not name:
            raise StatusError(grpc.StatusCode.INVALID_ARGUMENT, "ModelSpec has no name specified.")
        with self._lock:
            if label is not None:
                version = self._labels.get(name, {}).get(label)
                if version is None:
                    raise StatusError(
                        grpc.StatusCode.INVALID_ARGUMENT,
                        f"Unrecognized servable version label: {label}",
                    )
            available = self._available(name)
            wanted = max(available, default=None) if version is None else version
            if wanted not in available:
                request = f"Latest({name})" if version is None else f"Specific({name}, {version})"
                raise _not_found(f"Servable not found for request: {request}")
            available[wanted].users += 1
            return available[wanted]

    def _available(self, name):
        entries = self._models.get(name, {}).items()
        return {version: entry for version, entry in entries if entry.state == State.AVAILABLE}

    def _entries(self):
        return [entry for versions in self._models.values() for entry in versions.values()]

    def _poll_forever(self):
        while not self._ending:
            due = min(self._next_look, self._next_read)
            self._wake.wait(None if due == math.inf else max(due - time.monotonic(), 0))
            self._wake.clear()
            try:
                self._poll_what_is_due()
            except Exception:  # Whatever it is, the versions that are loaded are served on.
                logging.exception("The look for new versions failed; it goes on.")

    def _poll_what_is_due(self):
        with self._polling:
            if self._ending:
                return
            before = self._config
            self._reread()
            if self._config is not before or time.monotonic() >= self._next_look:
                self._look()
            else:
                self._unload_drained()

    def _look(self):
        self._next_look = time.monotonic() + (self._poll_seconds or math.inf)
        models = self._config.model_config_list.config
        for model in models:
            self._poll_model(model)
        for name in set(self._models) - {model.name for model in models}:
            self._drain(name, keep={})
        self._move_labels(models)
        self._unload_drained()

    def _reread(self):
        if self._config and time.monotonic() < self._next_read:
            return
        self._next_read = time.monotonic() + (self._config_poll_seconds or math.inf)
        try:
            read = self._read()
            if read != self._last_read:
                model_configs.check(read)
                self._config = self._last_read = read
            self._say_once(None, None)
        except (OSError, model_configs.ConfigError, StatusError) as error:
            if self._config is None:
                raise model_configs.ConfigError(getattr(error, "message", str(error))) from error
            self._say_once(None, f"The models stay as they were: {error}")

    def _poll_model(self, model):
        try:
            wanted = model_configs.wanted_versions(model)
        except (OSError, model_configs.ConfigError) as error:
            self._say_once(model.name, str(error))
            return
        nothing = f"No versions of servable {model.name} found under base path {model.base_path}"
        self._say_once(model.name, None if wanted else nothing)
        for version, path in wanted.items():
            if self._is_new(model.name, version, path):
                self._load(model.name, version, path)
        # The old versions go when a new one serves, or when no version is asked for any more.
        if not wanted or wanted.keys() & self._available(model.name).keys():
            self._drain(model.name, keep=wanted)

    def _is_new(self, name, version, path):
        entry = self._models.get(name, {}).get(version)
        if entry is None:
            return True
        failed = entry.code != 0
        return entry.state == State.END and not (failed and entry.stamp == _stamp(path))

    def _load(self, name, version, path):
        entry = _Version(path, _stamp(path))
        with self._lock:
            self._models.setdefault(name, {})[version] = entry
        try:
            servable = Servable(name, version, path)
        except Exception as error:  # Whatever is wrong with a model, the others are served on.
            status = as_status(error)
            with self._lock:
                entry.code, entry.message = status.code.value[0], status.message
                entry.state = State.END
            self._report(f"{name} version {version} cannot be loaded: {status}")
            return
        with self._lock:
            entry.servable, entry.state = servable, State.AVAILABLE
        self._report(f"{name} version {version} is available")

    def _drain(self, name, keep):
        """Begins to unload the versions that are not in a dict, version -> path."""
        with self._lock:
            for version, entry in self._available(name).items():
                if keep.get(version) != entry.path:
                    entry.state = State.UNLOADING

    def _unload_drained(self):
        for name, versions in self._models.items():
            for version, entry in versions.items():
                if entry.state == State.UNLOADING and not entry.users:
                    entry.servable.close()
                    with self._lock:
                        entry.servable, entry.state = None, State.END
                    self._report(f"{name} version {version} is unloaded")
                    self._next_look = 0.0  # The same version may be wanted from elsewhere.

    def _move_labels(self, models):
        """A label moves once the version that it is to name is loaded."""
        with self._lock:
            labels = {}
            for model in models:
                now, loaded = self._labels.get(model.name, {}), self._available(model.name)
                labels[model.name] = {
                    label: version if version in loaded else now.get(label, version)
                    for label, version in model.version_labels.items()
                }
            self._labels = labels

    def _say_once(self, about, message):
        """Reports what is wrong when it begins, not at each look; None: nothing is wrong."""
        if message and message != self._said.get(about):
            self._report(message)
        self._said[about] = message


def _stamp(path):
    """Returns what changes when the files below a directory do."""
    files = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names]
    stats = [(file, os.stat(file)) for file in sorted(files) if os.path.exists(file)]
    return [(file, stat.st_size, stat.st_mtime_ns) for file, stat in stats]


def _told(entry):
    message = entry.message.replace(entry.path, os.path.basename(entry.path))
    return without_directories(message)


def _not_found(message):
    return StatusError(grpc.StatusCode.NOT_FOUND, message)
