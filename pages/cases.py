"""台账: show me the petitions."""

from ui import address, cases_list, frame, petition

frame.guard()

view = frame.view()
chosen = address.case()
if chosen is not None:
    petition.show(view, chosen)
else:
    cases_list.show(view)
