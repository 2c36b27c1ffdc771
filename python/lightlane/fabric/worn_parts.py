"""Parts as they are after years, in heat and cold: variants of the catalog's, one object each while in use."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from lightlane.catalog.parts import Amplifier, CoherentMode, Fiber, Part, Passive, Points
from lightlane.errors import ParameterError

AnyPart = TypeVar("AnyPart", bound=Part)


@dataclass(slots=True)
class WornParts:
    """Variants of parts, by what they are variants of and how; equal variants are one object, as lowering wants it.

    A variant that no link is made of any more is forgotten: a slider that is dragged leaves nothing behind.

    Attributes
    ----------
    zero_dispersion_nm_per_c, delay_ppm_per_c
        What a degree adds to the zero-dispersion wavelength and to the delay of fiber.
    """

    zero_dispersion_nm_per_c: float
    delay_ppm_per_c: float
    _made: WeakValueDictionary[tuple[Any, ...], Part] = field(default_factory=WeakValueDictionary)
    _bases: dict[int, Part] = field(default_factory=dict)
    """What there are variants of, so that no other object can get its identity."""

    def fiber(self, part: Fiber, difference_c: float) -> Fiber:
        """Return a fiber that is so many degrees warmer than its figures are for.

        Dispersion moves along the wavelength as its zero does; attenuation is as it was.
        """
        return self._variant(part, (difference_c,), lambda: self._warmer(part, difference_c), same=not difference_c)

    def connector(self, part: Passive, loss_db: float) -> Passive:
        """Return a connector with more loss; of its limit as well."""

        def worn() -> dict[str, Any]:
            limit_db = None if part.limit_loss_db is None else part.limit_loss_db + loss_db
            return {"loss_db": part.loss_db + loss_db, "limit_loss_db": limit_db}

        return self._variant(part, (loss_db,), worn, same=not loss_db)

    def amplifier(self, part: Amplifier, noise_figure_db: float, pump_power_db: float) -> Amplifier:
        """Return an amplifier with more noise; of Raman pumps, whose noise the fiber decides, with another power."""
        if part.kind == "raman":
            noise_figure_db = 0.0
        else:
            pump_power_db = 0.0

        def worn() -> dict[str, Any]:
            ratio = 10 ** (pump_power_db / 10)
            pumps = tuple(pump.model_copy(update={"power_mw": pump.power_mw * ratio}) for pump in part.pumps)
            polynomial = part.incremental_osnr_coefficients
            return {
                "pumps": pumps,
                "noise_figure_db": _add(part.noise_figure_db, noise_figure_db),
                "noise_figure_db_by_gain_db": _lift(part.noise_figure_db_by_gain_db, noise_figure_db),
                # The last coefficient is an OSNR, of which noise takes away.
                "incremental_osnr_coefficients": polynomial and (*polynomial[:3], polynomial[3] - noise_figure_db),
            }

        return self._variant(part, (noise_figure_db, pump_power_db), worn, same=not (noise_figure_db or pump_power_db))

    def coherent_mode(self, part: CoherentMode, penalty_db: float) -> CoherentMode:
        """Return a coherent mode whose receiver needs so much more OSNR and light."""

        def worn() -> dict[str, Any]:
            return {
                "required_osnr_db_by_received_power_dbm": _need_more(
                    part.required_osnr_db_by_received_power_dbm, penalty_db
                ),
                "sensitivity_dbm": _add(part.sensitivity_dbm, penalty_db),
                "loss_budget_db": _add(part.loss_budget_db, -penalty_db),
                # Noise of the line and of the transceiver both count for more.
                "kappa_db": _add(part.kappa_db, penalty_db),
                "snr_trx_db": _add(part.snr_trx_db, -penalty_db),
            }

        return self._variant(part, (penalty_db,), worn, same=not penalty_db)

    def _variant(
        self, part: AnyPart, how: tuple[float, ...], make: Callable[[], dict[str, Any]], *, same: bool
    ) -> AnyPart:
        if same:
            return part
        if not all(map(math.isfinite, how)):
            raise ParameterError(f"a variant of {part.id!r} by {how}; allowed: finite numbers")
        key = (id(part), *how)
        variant = self._made.get(key)
        if variant is None:
            self._bases[id(part)] = part
            variant = self._made[key] = part.model_copy(update=make())
        return variant  # type: ignore[return-value]

    def _warmer(self, part: Fiber, difference_c: float) -> dict[str, Any]:
        shift_nm = self.zero_dispersion_nm_per_c * difference_c
        slope = part.dispersion_slope_ps_per_nm2_km
        less = 0.0 if slope is None else slope * shift_nm
        return {
            **{
                name: _add(getattr(part, name), shift_nm)
                for name in ("zero_dispersion_min_nm", "zero_dispersion_max_nm", "zero_dispersion_typical_nm")
            },
            "dispersion_ps_per_nm_km": _add(part.dispersion_ps_per_nm_km, -less),
            "limit_dispersion_ps_per_nm_km": _add(part.limit_dispersion_ps_per_nm_km, -less),
            "group_index": part.group_index * (1 + self.delay_ppm_per_c * 1e-6 * difference_c),
        }


def _add(value: float | None, offset: float) -> float | None:
    return None if value is None else value + offset


def _lift(points: Points | None, offset: float) -> Points | None:
    return None if points is None else tuple((x, y + offset) for x, y in points)


def _need_more(points: Points | None, penalty_db: float) -> Points | None:
    """Return required OSNR over received power of a receiver that needs more of both; its overload stays."""
    if points is None or len(points) == 1:
        return points and tuple((x + penalty_db, y + penalty_db) for x, y in points)
    overload_dbm = points[-1][0]
    moved = [(x + penalty_db, y + penalty_db) for x, y in points[:-1] if x + penalty_db < overload_dbm]
    return (*moved, (overload_dbm, points[-1][1] + penalty_db))
