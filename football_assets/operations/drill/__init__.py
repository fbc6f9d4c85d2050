"""The drill: faults done on purpose to a platform of its own, and judges of what was lost, invented or left behind.

`faults.py` declares a fault, `table.py` lists them all, `stage.py` is the scratch home with its real processes,
`looking.py` takes down what is there, `judges.py` holds it against what is due, `running.py` runs and reports.
`college.py` is the provider and the truth of the college side, `comparing.py` holds its tables against each other.
"""
