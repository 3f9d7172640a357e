package io.glucogrid.importers;

/**
 * One synthetic person with a glucose sensor.
 *
 * <p>A minute-by-minute simulation (explicit Euler) of the minimal model of glucose and insulin (Bergman et al. 1981; for
 * injected insulin in the form of Fisher 1991) with a two-compartment gut (Hovorka et al. 2004), circadian insulin sensitivity
 * and basal glucose, and two Ornstein–Uhlenbeck disturbances; the sensor lags behind the blood by 8 minutes, has a gain of its
 * own and first-order autoregressive noise (Breton and Kovatchev 2008; Facchinetti et al. 2014). Over that lie the faults of a
 * real sensor: single and bursts of missing slots, a session gap every day or two, two hours of warm-up per sensor, and now and
 * then a low from lying on it. Units: mg/dL, mU/L, minutes, g of carbohydrate, kg.
 *
 * <p>Everything is drawn from a stream that depends on seed and subject only, so any subject can be made alone.
 */
final class SyntheticSubject {
    /** Takes one reading; glucose in whole mg/dL. */
    interface ReadingConsumer {
        void accept(long eventSeconds, int glucoseMgDl);
    }

    private static final int MINUTES_PER_DAY = 1440;
    private static final int SETTLING_MINUTES = 720;
    private static final int SLOT_SECONDS = 300;
    private static final double GLUCOSE_VOLUME = 1.6; // dL/kg
    private static final double INSULIN_VOLUME = 0.12; // L/kg
    private static final double INSULIN_ABSORPTION = 55; // min
    private static final double P2 = 0.025; // 1/min
    private static final double P3 = 1.3e-5; // 1/min² per mU/L
    private static final double SENSOR_LAG = 8; // min
    private static final double FAST_TAU = 31; // min
    private static final double NOISE_MEMORY = 0.82;
    private static final double NOISE_SD = 1.95; // mg/dL
    private static final int LOWEST = 40; // mg/dL, the sensor's range
    private static final int HIGHEST = 400;
    private static final int MEAL_MINUTES = 15;
    private static final int SENSOR_DAYS = 7;
    private static final int WARM_UP_SECONDS = 7200;
    private static final int BOLUS_PAUSE = 180; // min
    private static final int RESCUE_PAUSE = 20; // min

    /** Hour, its sd, probability, grams, their sd. */
    private static final double[][] MEALS = {
        {7.75, 0.8, 0.9, 45, 15},
        {12.75, 0.7, 0.95, 60, 20},
        {19, 0.9, 1, 70, 22},
        {10.3, 0.6, 0.4, 18, 7},
        {15.8, 0.9, 0.5, 20, 8},
        {21.6, 0.7, 0.35, 20, 9},
    };

    private final Preset preset;
    private final Noise noise;
    private final double weight;
    private final double gutDelay;
    private final double p1;
    private final double gamma;
    private final double p2;
    private final double p3;
    private final double basal;
    private final double insulinBasal;
    private final double insulinClearance;
    private final double gain;
    private final double[] basalByMinute = new double[MINUTES_PER_DAY];
    private final double[] sensitivityByMinute = new double[MINUTES_PER_DAY];

    private double glucose;
    private double action;
    private double insulin;
    private double tissue;
    private double gut1;
    private double gut2;
    private double depot1;
    private double depot2;
    private double fast;
    private double slow;
    private int minutesSinceBolus = BOLUS_PAUSE;
    private int minutesSinceRescue = RESCUE_PAUSE;

    SyntheticSubject(Preset preset, long seed, long subject) {
        this.preset = preset;
        this.noise = Noise.of(seed, subject);
        this.weight = Math.max(45, noise.normal(75, 12));
        this.gutDelay = Math.max(30, noise.normal(50, 6));
        this.p1 = Math.max(preset.p1 / 2, noise.normal(preset.p1, preset.p1 * 0.18));
        double sensitivity = preset.sensitivity * noise.spread(0.35);
        this.gamma = preset.gamma * noise.spread(0.3);
        this.p2 = P2 * noise.spread(0.2);
        this.p3 = P3 * sensitivity * p2 / P2;
        this.basal = noise.normal(preset.basal, preset.basalSd);
        this.insulinBasal = preset.injects ? 15 : 10;
        this.insulinClearance = preset.injects ? 0.0926 : 0.14;
        this.gain = noise.normal(1, 0.05);
        double dawn = noise.normal(5, 3);
        double phase = noise.normal(0, 0.6);
        for (int minute = 0; minute < MINUTES_PER_DAY; minute++) {
            double hour = minute / 60.0;
            basalByMinute[minute] = basal + dawn * bell((hour - 6.5) / 2) - 3 * bell((hour - 3) / 2.5);
            sensitivityByMinute[minute] = 1 + 0.2 * StrictMath.cos(2 * StrictMath.PI * (hour - 10 + phase) / 24);
        }
        this.glucose = basal;
        this.tissue = basal;
        this.insulin = insulinBasal;
        this.fast = noise.normal(0, preset.fastSd);
        this.slow = noise.normal(0, preset.slowSd);
    }

    private static double bell(double x) {
        return StrictMath.exp(-x * x);
    }

    /** Simulates whole days from a UTC midnight on and hands over the readings in order of time. */
    void wear(long startSeconds, int days, ReadingConsumer readings) {
        int minutes = days * MINUTES_PER_DAY;
        double[] carbs = new double[minutes + SETTLING_MINUTES];
        double[] bolus = new double[minutes + SETTLING_MINUTES];
        for (int day = 0; day <= days; day++) {
            eat(day * MINUTES_PER_DAY, carbs, bolus);
        }
        Sensor sensor = new Sensor(startSeconds, readings);
        for (int minute = 0; minute < SETTLING_MINUTES + minutes; minute++) {
            // the settling half day comes before the start, and without meals
            int sinceStart = minute - SETTLING_MINUTES;
            int ofDay = Math.floorMod(sinceStart, MINUTES_PER_DAY);
            step(
                    ofDay,
                    sinceStart < 0 ? 0 : carbs[sinceStart],
                    sinceStart < 0 ? 0 : bolus[sinceStart],
                    carbs,
                    sinceStart);
            if (sinceStart >= 0) {
                sensor.minute(sinceStart);
            }
        }
    }

    /** Plans one day's meals, and the insulin for them where it is injected. */
    private void eat(int dayStart, double[] carbs, double[] bolus) {
        for (double[] meal : MEALS) {
            double hour = noise.normal(meal[0], meal[1]);
            boolean eaten = noise.chance(meal[2]);
            double grams = Math.max(5, noise.normal(meal[3], meal[4]));
            double estimate = noise.spread(0.45);
            boolean missed = noise.chance(0.12);
            int delay = (int) noise.uniform(-15, 25);
            if (!eaten) {
                continue;
            }
            int start = dayStart + (int) (hour * 60);
            for (int minute = start; minute < start + MEAL_MINUTES; minute++) {
                if (minute >= 0 && minute < carbs.length) {
                    carbs[minute] += grams / MEAL_MINUTES;
                }
            }
            int injection = Math.max(0, start + delay);
            if (preset.injects && !missed && injection < bolus.length) {
                bolus[injection] += 1000 * grams / gramsPerUnit() * estimate;
            }
        }
    }

    /** Glucose that one unit of insulin takes away, mg/dL, on the careful side. */
    private double dropPerUnit() {
        return 1.25 * 150 * (p3 / p2) * 1000 / (insulinClearance * INSULIN_VOLUME * weight);
    }

    private double gramsPerUnit() {
        return dropPerUnit() * GLUCOSE_VOLUME * weight / (1000 * preset.absorbed);
    }

    private void step(int minuteOfDay, double carbs, double bolus, double[] plan, int now) {
        double appearance = gut2 / gutDelay / (GLUCOSE_VOLUME * weight);
        double toGut2 = gut1 / gutDelay;
        double target = basalByMinute[minuteOfDay] + slow;
        double response = preset.injects
                ? depot2 / INSULIN_ABSORPTION / (INSULIN_VOLUME * weight)
                : 6 * gamma * Math.max(glucose - basal, 0);
        double nextGlucose = glucose - (p1 + action) * glucose + p1 * target + appearance;
        double nextAction = action - p2 * action + p3 * sensitivityByMinute[minuteOfDay] * (insulin - insulinBasal);
        double nextInsulin = insulin - insulinClearance * (insulin - insulinBasal) + response;
        tissue += (glucose + fast - tissue) / SENSOR_LAG;
        gut2 += toGut2 - gut2 / gutDelay;
        gut1 += preset.absorbed * 1000 * carbs - toGut2;
        double toDepot2 = depot1 / INSULIN_ABSORPTION;
        depot2 += toDepot2 - depot2 / INSULIN_ABSORPTION;
        depot1 += bolus - toDepot2;
        glucose = Math.max(10, nextGlucose);
        action = nextAction;
        insulin = nextInsulin;
        fast = drift(fast, FAST_TAU, preset.fastSd);
        slow = drift(slow, preset.slowTau, preset.slowSd);
        minutesSinceBolus = bolus > 0 ? 0 : minutesSinceBolus + 1;
        minutesSinceRescue++;
        if (preset.injects && now >= 0) {
            react(plan, now);
        }
    }

    /** Sugar against a low, insulin against a high. */
    private void react(double[] plan, int now) {
        if (tissue < 65 && minutesSinceRescue >= RESCUE_PAUSE) {
            minutesSinceRescue = 0;
            for (int minute = now + 1; minute <= now + 5 && minute < plan.length; minute++) {
                plan[minute] += 16.0 / 5;
            }
        }
        if (tissue > 240 && minutesSinceBolus >= BOLUS_PAUSE) {
            minutesSinceBolus = 0;
            depot1 += 1000 * (tissue - 150) / dropPerUnit();
        }
    }

    /** One minute of an Ornstein–Uhlenbeck process around 0, exactly. */
    private double drift(double value, double tau, double sd) {
        double kept = StrictMath.exp(-1 / tau);
        return value * kept + noise.normal(0, sd * StrictMath.sqrt(1 - kept * kept));
    }

    /** What the sensor makes of the tissue glucose, and when it says nothing. */
    private final class Sensor {
        private final long start;
        private final ReadingConsumer readings;
        private double error;
        private long nextSlot;
        private long silentUntil;
        private long nextGap;
        private long nextLow;
        private long lowUntil;
        private double lowDepth;

        Sensor(long startSeconds, ReadingConsumer readings) {
            this.start = startSeconds;
            this.readings = readings;
            this.nextSlot = noise.below(SLOT_SECONDS);
            this.nextGap = (long) noise.exponential(1.5 * 86_400);
            this.nextLow = (long) noise.exponential(5 * 86_400);
        }

        void minute(int minute) {
            long second = minute * 60L;
            if (second < nextSlot) {
                return;
            }
            long slot = nextSlot;
            nextSlot += SLOT_SECONDS + (noise.chance(0.045) ? -1 : noise.chance(0.03) ? 1 : 0);
            error = NOISE_MEMORY * error + noise.normal(0, NOISE_SD);
            faults(slot);
            boolean warmingUp = slot % (SENSOR_DAYS * 86_400L) < WARM_UP_SECONDS;
            if (slot < silentUntil || warmingUp) {
                return;
            }
            double low = slot < lowUntil ? lowDepth : 0;
            long value = StrictMath.round(gain * tissue + error - low);
            readings.accept(start + slot, (int) Math.max(LOWEST, Math.min(HIGHEST, value)));
        }

        private void faults(long slot) {
            if (noise.chance(0.008)) {
                int slots = noise.chance(0.8) ? 1 : 2 + noise.below(4);
                silentUntil = Math.max(silentUntil, slot + (long) slots * SLOT_SECONDS);
            }
            if (slot >= nextGap) {
                silentUntil = Math.max(silentUntil, slot + 60 * (long) noise.uniform(35, 180));
                nextGap = slot + (long) noise.exponential(1.5 * 86_400);
            }
            boolean night = slot % 86_400 < 6 * 3600;
            if (slot >= nextLow && night) {
                lowUntil = slot + 60 * (long) noise.uniform(20, 45);
                lowDepth = noise.uniform(20, 45);
                nextLow = slot + (long) noise.exponential(5 * 86_400);
            }
        }
    }
}
