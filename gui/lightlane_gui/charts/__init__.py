"""Plots in house style: units on axes, crosshair, markers, export."""
