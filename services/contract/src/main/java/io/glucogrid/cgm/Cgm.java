package io.glucogrid.cgm;

/** Names that the shipped definitions give to the CGM domain; only the CGM code and the demo know them. */
public final class Cgm {
    /** History table (and cache) of readings. */
    public static final String TABLE = "readings";

    public static final String SUBJECT = "subject_id";
    public static final String GLUCOSE = "glucose";

    /** Feature service that the online stream reads back: fed by pushes. */
    public static final String ONLINE_SERVICE = "cgm_activity_v3";

    /** Feature service that the offline stream reads back: history. */
    public static final String OFFLINE_SERVICE = "cgm_activity_v1";

    /** The shipped linear model on subject_id, dayofweek and hour. */
    public static final String MODEL_V1 = "v1";

    private Cgm() {}
}
