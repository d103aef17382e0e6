"""station, and its devices by their names."""

session.connect_station()
