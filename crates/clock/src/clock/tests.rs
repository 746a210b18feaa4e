use super::*;
use crate::Busy;
use std::pin::Pin;

fn frozen() -> Clock {
    Clock::new(Mode::Frozen { at: Timestamp::from_secs(1_000) })
}

#[tokio::test]
async fn a_day_of_timers_runs_in_order_each_at_its_own_moment() {
    let (clock, seen) = (frozen(), Arc::new(Mutex::new(Vec::new())));
    for hours in [5, 1, 23, 1] {
        let (clock, seen) = (clock.clone(), Arc::clone(&seen));
        let busy = clock.activity().begin();
        tokio::spawn(async move {
            clock.sleep_until(clock.now() + Duration::from_secs(hours * 3_600)).await;
            seen.lock().push((hours, clock.now().as_secs() - 1_000));
            drop(busy);
        });
    }
    let advanced = clock.advance(Duration::from_secs(86_400)).await;
    assert_eq!(advanced, Advanced { now: Timestamp::from_secs(87_400), timers: 4 });
    assert_eq!(*seen.lock(), [(1, 3_600), (1, 3_600), (5, 18_000), (23, 82_800)]);
}

#[tokio::test]
async fn what_a_timer_causes_runs_within_the_same_advance() {
    let clock = frozen();
    let busy = clock.activity().begin();
    let ticks = tokio::spawn({
        let clock = clock.clone();
        async move {
            for _ in 0..10 {
                clock.sleep_until(clock.now() + Duration::from_secs(60)).await;
            }
            drop(busy);
            clock.now()
        }
    });
    assert_eq!(clock.advance(Duration::from_secs(3_600)).await.timers, 10);
    assert_eq!(ticks.await.expect("it does not panic"), Timestamp::from_secs(1_600));
    assert_eq!(clock.now(), Timestamp::from_secs(4_600));
}

#[tokio::test]
async fn a_clock_that_ran_runs_on_after_an_advance() {
    let clock = Clock::new(Mode::Running { offset_micros: 0 });
    let before = RealTime::now();
    clock.advance(Duration::from_secs(3_600)).await;
    assert!(matches!(clock.mode(), Mode::Running { offset_micros } if offset_micros >= 3_599_000_000));
    assert!(clock.now().since(before) >= Duration::from_secs(3_600));
}

#[tokio::test]
async fn a_running_clock_ends_waits_by_itself() {
    let clock = Clock::new(Mode::Running { offset_micros: -5_000_000 });
    let _busy = clock.activity().begin();
    let at = clock.now() + Duration::from_millis(5);
    clock.sleep_until(at).await;
    assert!(clock.now() >= at);
}

#[tokio::test]
async fn a_moment_that_has_come_is_not_waited_for() {
    let clock = frozen();
    let _busy = clock.activity().begin();
    clock.sleep_until(clock.now()).await;
    assert_eq!(clock.activity().running(), 1);
}

/// An advance by an hour that does not end before the answer is dropped.
async fn under_way<'a>(clock: &'a Clock, busy: Busy) -> (Pin<Box<dyn Future<Output = Advanced> + 'a>>, Busy) {
    let mut advancing: Pin<Box<dyn Future<Output = Advanced>>> =
        Box::pin(clock.advance(Duration::from_secs(3_600)));
    assert!(futures_poll(advancing.as_mut()).await.is_pending());
    assert!(matches!(clock.mode(), Mode::Frozen { .. }));
    (advancing, busy)
}

#[tokio::test]
async fn during_an_advance_a_running_clock_is_still_one_that_runs() {
    let clock = Clock::new(Mode::Running { offset_micros: 0 });
    let (advancing, busy) = under_way(&clock, clock.activity().begin()).await;
    assert!(matches!(clock.mode_at_rest(), Mode::Running { .. }));
    drop(busy);
    advancing.await;
    clock.freeze();
    assert!(matches!(clock.mode_at_rest(), Mode::Frozen { .. }));
}

#[tokio::test]
async fn what_a_clock_is_told_during_an_advance_holds_from_its_end_on() {
    let clock = Clock::new(Mode::Running { offset_micros: 0 });
    let (advancing, busy) = under_way(&clock, clock.activity().begin()).await;
    clock.freeze();
    assert!(matches!(clock.mode_at_rest(), Mode::Frozen { .. }));
    drop(busy);
    let now = advancing.await.now;
    assert_eq!(clock.mode(), Mode::Frozen { at: now }, "frozen");

    let (advancing, busy) = under_way(&clock, clock.activity().begin()).await;
    clock.resume();
    drop(busy);
    assert_eq!(advancing.await.now.since(now).as_secs(), 3_600);
    assert!(matches!(clock.mode(), Mode::Running { .. }), "resumed");

    let told = Mode::Frozen { at: Timestamp::from_secs(5) };
    let (advancing, busy) = under_way(&clock, clock.activity().begin()).await;
    clock.set_mode(told);
    assert_eq!(clock.mode_at_rest(), told);
    drop(busy);
    advancing.await;
    assert_eq!(clock.mode(), told, "set");

    let (advancing, busy) = under_way(&clock, clock.activity().begin()).await;
    clock.end();
    drop(busy);
    advancing.await;
    assert!(matches!(clock.mode(), Mode::Running { .. }), "what has ended runs");
}

#[test]
fn nobody_has_seen_a_later_moment_than_the_one_at_which_a_clock_stops() {
    let clock = Clock::new(Mode::Running { offset_micros: 0 });
    let (latest, is_over) = (AtomicI64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let read = || {
            while !is_over.load(Ordering::Acquire) {
                latest.fetch_max(clock.now().as_micros(), Ordering::AcqRel);
            }
        };
        scope.spawn(read);
        scope.spawn(read);
        for round in 0..300 {
            clock.freeze();
            let stands_at = clock.now().as_micros();
            // Moments that were read before the freeze have been noted when a later one has.
            std::thread::yield_now();
            let seen = latest.load(Ordering::Acquire);
            if seen > stands_at {
                is_over.store(true, Ordering::Release);
                panic!("in round {round}: {} microseconds later", seen - stands_at);
            }
            clock.resume();
        }
        is_over.store(true, Ordering::Release);
    });
}

#[tokio::test(start_paused = true)]
async fn a_timer_rings_soon_where_real_time_has_passed_unnoticed() {
    let clock = Clock::new(Mode::Running { offset_micros: 0 });
    let busy = clock.activity().begin();
    let begun = tokio::time::Instant::now();
    let sleeping = tokio::spawn({
        let clock = clock.clone();
        async move { clock.sleep_until(clock.now() + Duration::from_secs(3_600)).await }
    });
    clock.activity().quiet().await;
    // As after a suspend: nobody is told.
    clock.0.offset.fetch_add(7_200_000_000, Ordering::Release);
    sleeping.await.expect("it does not panic");
    assert!(begun.elapsed() <= LONGEST_NAP + Duration::from_secs(1), "{:?}", begun.elapsed());
    drop(busy);
}

async fn futures_poll<F: Future + ?Sized>(mut future: Pin<&mut F>) -> std::task::Poll<F::Output> {
    std::future::poll_fn(|task| std::task::Poll::Ready(future.as_mut().poll(task))).await
}

#[tokio::test]
async fn the_end_ends_waits_of_a_clock_that_stands() {
    let clock = frozen();
    let busy = clock.activity().begin();
    let sleeping = tokio::spawn({
        let clock = clock.clone();
        async move { clock.sleep_until(clock.now() + Duration::from_secs(86_400)).await }
    });
    clock.activity().quiet().await;
    clock.end();
    sleeping.await.expect("it does not panic");
    drop(busy);
    assert_eq!(clock.activity().running(), 0);
}

#[tokio::test]
async fn a_dropped_alarm_does_not_ring() {
    let clock = frozen();
    let wait = clock.wait();
    drop(clock.alarm(clock.now() + Duration::from_secs(1), &wait));
    assert_eq!(clock.advance(Duration::from_secs(2)).await.timers, 0);
    assert!(!wait.is_woken());
}
