"""Proof that rules part all customers: nobody in two, nobody in none; else a customer who shows it."""

from tierwise.proof.claims import claim_of
from tierwise.proof.customers import CustomerCheck, check_customers, customer_check, find_words, with_words
from tierwise.proof.prover import Gap, Overlap, Proof, prove
from tierwise.proof.repairs import Repair, repairs
from tierwise.proof.require import require_mece

__all__ = [
    "CustomerCheck",
    "Gap",
    "Overlap",
    "Proof",
    "Repair",
    "check_customers",
    "claim_of",
    "customer_check",
    "find_words",
    "prove",
    "repairs",
    "require_mece",
    "with_words",
]
