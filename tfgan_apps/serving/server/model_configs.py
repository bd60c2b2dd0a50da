"""Which models a server serves, and which of their versions: what TF Serving's configs say."""

import collections
import functools
import os
import re

from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from tfgan_apps.serving.export.config_files import HERE, MODELS
from tfgan_apps.serving.server.status import StatusError, invalid


class ConfigError(ValueError):
    """A configuration that cannot be served."""


def read(path):
    """Returns the `ModelServerConfig` in a text file; `HERE` is where that is.

    Raises:
        ConfigError: the file cannot be read, or holds something else or what `check` refuses.
    """
    try:
        with open(path, encoding="utf-8") as file:
            config = text_format.Parse(file.read(), model_server_config_pb2.ModelServerConfig())
        if config.WhichOneof("config") != "model_config_list":
            raise text_format.ParseError("no model_config_list")
        for model in config.model_config_list.config:
            if model.base_path.startswith(f"{HERE}/"):
                folder = os.path.dirname(os.path.abspath(path))
                model.base_path = folder + model.base_path.removeprefix(HERE)
        check(config)
        return config
    except StatusError as error:
        raise ConfigError(f"{path}: {error.message}") from error
    except (OSError, UnicodeDecodeError, text_format.ParseError) as error:
        raise ConfigError(
            f"{path} must hold a ModelServerConfig: model_config_list {{ config {{ "
            f"name, base_path, model_platform }} }}. Received: {error}"
        ) from error


def finder(base_path, name=None):
    """Returns a function that returns the `ModelServerConfig` of the models below a directory.

    A directory that holds `models.config` is served as that file says; one that holds versions is
    one model; otherwise each of its directories that holds versions is a model. Which it is, is
    decided here: whatever vanishes later, the server does not change to other models.

    Args:
        base_path: a directory.
        name: of the model, when the directory holds versions. Defaults to the directory's name.

    Raises:
        ConfigError: none of the three is there, or it cannot be read.
    """
    base_path = os.path.abspath(base_path)
    if os.path.exists(os.path.join(base_path, MODELS)):
        return functools.partial(read, os.path.join(base_path, MODELS))
    try:
        one_model = versions(base_path)
    except OSError as error:
        raise ConfigError(f"--model_base_path must be readable. Received: {error}") from error
    if one_model:
        return functools.partial(listing, {name or os.path.basename(base_path): base_path})
    _models_in(base_path)  # There must be one now.
    return functools.partial(_models_in, base_path)


def listing(models):
    """Returns the `ModelServerConfig` that serves the latest version of some models.

    Args:
        models: dict, name -> absolute path of the directory that holds the model's versions.
    """
    config = model_server_config_pb2.ModelServerConfig()
    for name, path in models.items():
        config.model_config_list.config.add(name=name, base_path=path, model_platform="tensorflow")
    return config


def check(config):
    """Refuses a configuration as TF Serving does.

    Args:
        config: `ModelServerConfig`.

    Raises:
        StatusError: INVALID_ARGUMENT with TF Serving's message.
    """
    if config.WhichOneof("config") != "model_config_list":
        raise invalid(
            "ServerModelConfig type not supported by HandleReloadConfigRequest."
            " Only ModelConfigList is currently supported"
        )
    models = config.model_config_list.config
    for name, count in collections.Counter(model.name for model in models).items():
        if count > 1:
            raise invalid(f"Illegal to list model {name} multiple times in config list")
    for model in models:
        if not os.path.isabs(model.base_path):
            raise invalid(
                f"Expected model {model.name} to have an absolute path or URI; got "
                f"base_path()={model.base_path}"
            )
        # model_type is what model_platform was called; 1 is TENSORFLOW.
        platform = model.model_platform or ("tensorflow" if model.model_type == 1 else "")
        if platform != "tensorflow":
            raise invalid(f"Model {model.name} requests unsupported platform {platform}")


def versions(base_path):
    """Returns the versions in a model's directory: dict, int -> path; empty when there is none."""
    found = {}
    for name in _directories(base_path):
        if re.fullmatch("[0-9]+", name) and int(name) < 2**63:
            found[int(name)] = os.path.join(base_path, name)
    return dict(sorted(found.items()))


def wanted_versions(model):
    """Returns the versions that a model's policy asks for and that are there.

    Args:
        model: `ModelConfig`.

    Returns:
        dict, int -> path.

    Raises:
        ConfigError: the model's directory is not there.
    """
    if not os.path.isdir(model.base_path):
        raise ConfigError(f"Could not find base path {model.base_path} for servable {model.name}")
    found, policy = versions(model.base_path), model.model_version_policy
    match policy.WhichOneof("policy_choice"):
        case "all":
            return found
        case "specific":
            return {
                version: path
                for version, path in found.items()
                if version in policy.specific.versions
            }
        case _:
            return dict(list(found.items())[-max(policy.latest.num_versions, 1) :])


def _models_in(base_path):
    children = {child: os.path.join(base_path, child) for child in sorted(_directories(base_path))}
    models = {child: path for child, path in children.items() if _may_be_model(path)}
    if not models:
        raise ConfigError(
            f"--model_base_path must be a directory with {MODELS}, with versions (directories "
            "named by a number), or with models (directories that hold versions). "
            f"Received: {base_path}, which {_contents(base_path)}"
        )
    return listing(models)


def _may_be_model(path):
    try:
        return bool(versions(path))
    except OSError:  # Listed: whoever looks for its versions reports it, and the others are served.
        return True


def _directories(path):
    if not os.path.isdir(path):
        return []
    return [name for name in os.listdir(path) if os.path.isdir(os.path.join(path, name))]


def _contents(path):
    if not os.path.isdir(path):
        return "is no directory"
    if os.path.exists(os.path.join(path, "saved_model.pb")):
        return f"is a version itself; that of the model is {os.path.dirname(path)}"
    return f"holds {sorted(os.listdir(path))[:10] or 'nothing'}"
