package io.glucogrid.client.demo;

/**
 * How far the produced readings have come.
 *
 * @param online readings whose offset the online group has committed
 * @param offline readings whose offset the offline group has committed
 * @param asOf readings that a historical read at their time answers with their own value
 * @param distinctRows readings whose row stands in the history under its own key, with its own value
 * @param onlineSubjects subjects whose online row is the last reading produced for them
 */
record Arrivals(long online, long offline, long asOf, long distinctRows, long onlineSubjects) {
    static final Arrivals NONE = new Arrivals(0, 0, 0, 0, 0);

    long sum() {
        return online + offline + asOf + distinctRows + onlineSubjects;
    }

    boolean isComplete(long produced, long subjects) {
        return online == produced
                && offline == produced
                && asOf == produced
                && distinctRows == produced
                && onlineSubjects == subjects;
    }
}
