package io.glucogrid.importers;

/** Why a row of a file was repaired or dropped. */
enum Finding {
    CREATED_IN_SECONDS("repaired", "creation time was seconds stored in a finer unit"),
    EVENT_IN_SECONDS("repaired", "event time was seconds stored in a finer unit"),
    CREATED_UNUSABLE("repaired", "creation time before 2000, event time taken"),
    SENSOR_LIMIT("repaired", "Low taken as 35 mg/dL, High as 401"),
    UNREADABLE("dropped", "time or glucose (20 to 1000 mg/dL) cannot be read"),
    INCOMPLETE("dropped", "no subject, event time or glucose"),
    EVENT_UNUSABLE("dropped", "event time before 2000"),
    STRAY("dropped", "stray: less than a day of readings, years apart from the subject's others"),
    FORGOTTEN("dropped", "of an entity that was forgotten (glucogrid forget --list)"),
    DUPLICATE("dropped", "exact duplicate of another row of the file");

    private final String verdict;
    private final String reason;

    Finding(String verdict, String reason) {
        this.verdict = verdict;
        this.reason = reason;
    }

    /** {@code repaired} or {@code dropped}. */
    String verdict() {
        return verdict;
    }

    String reason() {
        return reason;
    }

    boolean drops() {
        return verdict.equals("dropped");
    }
}
