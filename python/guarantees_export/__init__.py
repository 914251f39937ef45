"""From a trained estimator to a folder that ``certify run`` takes."""

from .export import export_log_density, export_module
from .sbi import LogDensity, MixtureHead, Ratio, export_flow, export_mdn, export_ratio

__all__ = ["LogDensity", "MixtureHead", "Ratio", "export_flow", "export_log_density", "export_mdn", "export_module", "export_ratio"]
