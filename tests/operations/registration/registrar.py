"""An operator in a process of its own: changes a column as it is told, and says what stood there.

A line is JSON: the model, whom of it, and column and value; so is the answer.
"""

import json
import sys


def main() -> None:
    from authserver.loading import load_django

    load_django()
    from authserver.ecosystems.models import Ecosystem
    from authserver.keys.models import SigningKey
    from clients.models import Client, ClientKeySet, Participant, ResourceServer

    models = {
        model.__name__: model
        for model in (Client, ClientKeySet, Ecosystem, Participant, ResourceServer, SigningKey)
    }
    for line in sys.stdin:
        name, whom, column, value = json.loads(line)
        rows = models[name]._default_manager.filter(**whom)
        before = rows.values_list(column, flat=True).get()
        rows.update(**{column: value})
        sys.stdout.write(json.dumps(before) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
