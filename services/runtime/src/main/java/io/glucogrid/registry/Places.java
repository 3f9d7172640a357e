package io.glucogrid.registry;

import java.util.HashMap;
import java.util.Map;

/** Where each definition stands, for problems that show only when all files are read. */
final class Places {
    private final Map<String, Place> places = new HashMap<>();

    /** A file and a line in it. */
    record Place(String file, int line) {}

    void put(String kind, String name, String file, int line) {
        places.putIfAbsent(kind + " " + name, new Place(file, line));
    }

    Place of(String kind, String name) {
        return places.getOrDefault(kind + " " + name, new Place("definitions", 1));
    }
}
