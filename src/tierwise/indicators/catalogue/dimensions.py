"""The places in the three dimension sets that indicators share."""

from __future__ import annotations

from tierwise.indicators.declaration import Aspect, Dimensions, Evidence, Worth

VALUE = Dimensions(Aspect.VALUE, Evidence.CONTRIBUTION, Worth.CONTRIBUTION)
VALUE_POTENTIAL = Dimensions(Aspect.VALUE, Evidence.CONTRIBUTION, Worth.POTENTIAL)
WORD_OF_MOUTH = Dimensions(Aspect.VALUE, Evidence.CONTRIBUTION, Worth.LOYALTY)
STAGE = Dimensions(Aspect.LIFECYCLE, Evidence.DYNAMIC, Worth.LOYALTY)
GROWTH = Dimensions(Aspect.LIFECYCLE, Evidence.CONTRIBUTION, Worth.POTENTIAL)
HABIT = Dimensions(Aspect.BEHAVIOUR, Evidence.DYNAMIC, Worth.LOYALTY)
INTEREST = Dimensions(Aspect.BEHAVIOUR, Evidence.DYNAMIC, Worth.POTENTIAL)
PREFERENCE = Dimensions(Aspect.NEED, Evidence.DYNAMIC, Worth.POTENTIAL)
EXPECTATION = Dimensions(Aspect.NEED, Evidence.SATISFACTION, Worth.LOYALTY)
TRAIT = Dimensions(Aspect.NEED, Evidence.STATIC, Worth.POTENTIAL)
MEANS = Dimensions(Aspect.VALUE, Evidence.STATIC, Worth.POTENTIAL)
ORIGIN = Dimensions(Aspect.LIFECYCLE, Evidence.STATIC, Worth.CONTRIBUTION)
