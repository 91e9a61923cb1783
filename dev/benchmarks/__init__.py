"""Measurements of what a person would feel, each against something to compare with, in one run.

``script/bench --help`` lists them. Ratios carry over from machine to machine, milliseconds do not.
"""
