"""The conditions that a fabric is run under from the first day on: season, age, dirt, loading."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from lightlane.catalog.load import Catalog
from lightlane.catalog.parts import NonNegative
from lightlane.fabric.composition import DELAY_PPM_PER_C, ZERO_DISPERSION_NM_PER_C
from lightlane.fabric.condition import REFERENCE_TEMPERATURE_C
from lightlane.scenario.draft import PlantDraft


class Conditions(BaseModel):
    """Conditions of the plant and equipment of a whole fabric.

    End-of-life allowances are recalled figures of planning practice: fiber 0.005 to 0.01 dB/km, amplifiers 0.5 dB,
    modules 0.5 to 1 dB; they count by ``life_ratio`` and are yours to change.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    temperature_c: Annotated[float, Field(ge=-60, le=90)] = REFERENCE_TEMPERATURE_C
    """Of all ducts; the figures of fibers hold at 20."""
    life_ratio: Annotated[float, Field(ge=0, le=1)] = 0.0
    """How much of its life everything has behind it: 0 new, 1 at its end."""
    fiber_end_of_life_db_per_km: NonNegative = 0.0075
    """Attenuation that fiber has gained at the end of its life."""
    amplifier_end_of_life_db: NonNegative = 0.5
    """Noise figure that amplifiers have gained at the end of their life."""
    module_end_of_life_db: NonNegative = 0.75
    """OSNR or power that receivers need more at the end of their life."""
    connector_loss_db: NonNegative = 0.0
    """Dirt: what each connector of a duct loses more than its type."""
    lit_ratio: Annotated[float, Field(gt=0, le=1)] | None = None
    """Share of the channels of each coherent line that carry light, evenly spread, one at least; absent: as the links
    say."""
    zero_dispersion_nm_per_c: NonNegative = ZERO_DISPERSION_NM_PER_C
    """What a degree adds to the zero-dispersion wavelength of fiber."""
    delay_ppm_per_c: NonNegative = DELAY_PPM_PER_C
    """What a degree adds to the delay of fiber."""

    def impose(self, draft: PlantDraft, catalog: Catalog) -> None:
        """Put the fabric of a draft under these conditions."""
        attenuation_db_per_km = self.life_ratio * self.fiber_end_of_life_db_per_km
        draft.change_all_ducts(
            temperature_c=self.temperature_c,
            connector_loss_db=self.connector_loss_db,
            attenuation_db_per_km=attenuation_db_per_km,
        )
        noise_figure_db = {"": self.life_ratio * self.amplifier_end_of_life_db} if self.life_ratio else {}
        penalty_db = self.life_ratio * self.module_end_of_life_db
        draft.change_all_links(receiver_penalty_db=penalty_db, noise_figure_db=noise_figure_db)
        if self.lit_ratio is not None:
            for name in list(draft.links):
                self._light(draft, name, catalog)

    def _light(self, draft: PlantDraft, name: str, catalog: Catalog) -> None:
        record = draft.links[name]
        mode = catalog.get_mode(record.mode or catalog.get_module(record.module).modes[0])
        if mode.detection != "coherent" or self.lit_ratio is None:
            return
        count = max(1, round(self.lit_ratio * record.channels))
        lit = tuple(index * record.channels // count for index in range(count))
        draft.links[name] = record.model_copy(update={"lit_channels": None if count == record.channels else lit})
