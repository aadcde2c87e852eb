"""What can be sold and stocked: SKUs, and what bundles are made of.

Invariants: a code is unique and case-sensitive, without blanks around it; a bundle's components are goods, so that no bundle
contains itself.
"""
