"""All situations of the zoo."""

from tests.integration.zoo.by_properties import BY_PROPERTIES
from tests.integration.zoo.certificates import CERTIFICATES
from tests.integration.zoo.greetings import GREETINGS
from tests.integration.zoo.networks import NETWORKS
from tests.integration.zoo.other_ports import OTHER_PORTS
from tests.integration.zoo.real_servers import REAL_SERVERS
from tests.integration.zoo.signing_in import SIGNING_IN
from tests.integration.zoo.submissions import SUBMISSIONS
from tests.integration.zoo.transport import TRANSPORT

SITUATIONS = (
    *NETWORKS, *GREETINGS, *TRANSPORT, *CERTIFICATES, *SIGNING_IN, *SUBMISSIONS,
    *REAL_SERVERS, *BY_PROPERTIES, *OTHER_PORTS,
)  # fmt: skip
