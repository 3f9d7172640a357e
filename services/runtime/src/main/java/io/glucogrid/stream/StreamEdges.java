package io.glucogrid.stream;

/** What a stream talks to. Asked anew after every failure; each method may throw to say what is missing. */
interface StreamEdges {
    /** Returns when the others may be asked: the broker answers and the topics exist. */
    void prepare();

    StreamStage<?> stage();

    RecordSource source();

    DeadLetters deadLetters();
}
