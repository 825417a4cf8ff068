"""pytest plugin: points the official driver at the sandbox.

The suites build their connections from a cloud region; the driver itself takes an
endpoint as well. SANDBOX_ENDPOINT replaces the region; nothing else is changed.
"""

import functools
import os

import confluent_sql
import confluent_sql.connection

_connect = confluent_sql.connection.connect


@functools.wraps(_connect)
def connect(*args, **kwargs):
    endpoint = os.environ["SANDBOX_ENDPOINT"]
    kwargs.pop("cloud_provider", None)
    kwargs.pop("cloud_region", None)
    kwargs["endpoint"] = endpoint
    kwargs["controlplane_endpoint"] = endpoint
    return _connect(*args, **kwargs)


confluent_sql.connection.connect = connect
confluent_sql.connect = connect
