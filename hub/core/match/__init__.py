"""How alike two records are: one declaration, one normal form and one set of weights, for batch and online alike. Pure."""

from hub.core.match.clusters import Clusters, partition
from hub.core.match.forms import NORMAL_VERSION, SOURCE, Form, normal_form
from hub.core.match.guards import guards, strong
from hub.core.match.keys import blocking_keys, key_texts
from hub.core.match.model import ALTERNATIVES, Adjustment, Bits, LevelWeight, Model, against_all, default_model, probability
from hub.core.match.ops import Rarity
from hub.core.match.scoring import Guard, Part, Scored, bits, levels, score
from hub.core.match.spec import Comparison, Feature, Spec, spec_of, spec_of_columns
from hub.core.match.zones import MATCH, NO_MATCH, POSSIBLE_MATCH, SITUATION_BITS, zone

__all__ = [
    "ALTERNATIVES", "MATCH", "NORMAL_VERSION", "NO_MATCH", "POSSIBLE_MATCH", "SITUATION_BITS", "SOURCE", "Adjustment", "Bits", "Clusters", "Comparison", "Feature",
    "Form", "Guard", "LevelWeight", "Model", "Part", "Rarity", "Scored", "Spec", "against_all", "bits", "blocking_keys", "default_model", "guards",
    "key_texts", "levels", "normal_form", "partition", "probability", "score", "spec_of", "spec_of_columns", "strong", "zone",
]  # fmt: skip
