"""Long work in the background: a job has rows, and each row gets exactly one outcome.

The tables are the truth; a worker looks at them each second and takes what is due under a lease. What dies with a
worker is taken up by the next one when the lease is over.
"""
