// The queue of deadlines: order, moving, cancelling, and that it keeps nothing that is over.
using Cygnet.Ike;

namespace Cygnet.Tests.Ike;

public sealed class TimersTests
{
    sealed class Three(string name, List<string> fired) : Timed
    {
        readonly Instant[] _deadlines = [Instant.Never, Instant.Never, Instant.Never];
        internal override Span<Instant> Deadlines => _deadlines;
        internal override void OnDue(int which) => fired.Add($"{name}{which}");
        internal override IkeSa? Owner => null;
        public Alarm this[int which] => new(this, which);
    }

    readonly Timers _timers = new();
    readonly List<string> _fired = [];

    string Until(long now)
    {
        _fired.Clear();
        while (_timers.TakeDue(new(now)) is { } due) due.Fire();
        return string.Join(' ', _fired);
    }

    [Fact]
    public void Deadlines_come_in_order_across_those_that_have_them()
    {
        var (a, b) = (new Three("a", _fired), new Three("b", _fired));
        _timers.Set(a[0], new(30));
        _timers.Set(a[1], new(10));
        _timers.Set(b[2], new(20));
        Assert.Equal(10, _timers.Next.Milliseconds);
        Assert.Equal("", Until(9));
        Assert.Equal("a1 b2", Until(29));
        Assert.False(a[1].IsSet);
        Assert.True(a[0].IsSet);
        Assert.Equal(30, _timers.Next.Milliseconds);
        Assert.Equal("a0", Until(30));
        Assert.Equal(Instant.Never, _timers.Next);
    }

    [Fact]
    public void Those_of_one_moment_all_come()
    {
        var a = new Three("a", _fired);
        for (var i = 0; i < 3; i++) _timers.Set(a[i], new(5));
        Assert.Equal("a0 a1 a2", Until(5));
    }

    [Theory]
    [InlineData(5, 20, "", "a0")]   // later
    [InlineData(20, 5, "a0", "")]   // earlier
    [InlineData(20, 20, "", "a0")]
    public void A_deadline_moves(long first, long then, string at10, string at30)
    {
        var a = new Three("a", _fired);
        _timers.Set(a[0], new(first));
        _timers.Set(a[0], new(then));
        Assert.Equal(at10, Until(10));
        Assert.Equal(at30, Until(30));
        Assert.Equal("", Until(100));
    }

    [Fact]
    public void A_cancelled_one_does_not_come()
    {
        var a = new Three("a", _fired);
        _timers.Set(a[0], new(5));
        _timers.Set(a[1], new(7));
        Timers.Cancel(a[0]);
        Assert.Equal("a1", Until(10));
    }

    [Fact]
    public void What_is_over_does_not_stay_in_the_queue()
    {
        var kept = new Three("kept", _fired);
        _timers.Set(kept[0], new(1_000_000));
        for (var i = 0; i < 1000; i++)
        {
            var over = new Three("over", _fired);
            _timers.Set(over[0], new(2_000_000));
            _timers.Set(over[1], new(1_500_000));
            _timers.Forget(over);
        }
        Assert.InRange(_timers.Count, 1, 10);
        Assert.Equal("kept0", Until(3_000_000));
    }

    [Fact]
    public void Moving_a_deadline_earlier_again_and_again_does_not_fill_the_queue()
    {
        var (a, b) = (new Three("a", _fired), new Three("b", _fired));
        _timers.Set(b[0], new(2_000_000));
        for (var i = 0; i < 1000; i++) _timers.Set(a[0], new(1_000_000 - i));
        Assert.InRange(_timers.Count, 2, 10);
        Assert.Equal("a0 b0", Until(3_000_000));
    }

    [Fact]
    public void A_random_history_fires_what_a_list_would()
    {
        var random = new Random(7);
        var all = Enumerable.Range(0, 20).Select(n => new Three($"{n}.", _fired)).ToArray();
        var expected = new Dictionary<(int, int), long>();
        for (long now = 0; now < 20_000; now += random.Next(1, 50))
        {
            for (var k = 0; k < 10; k++)
            {
                var (n, which) = (random.Next(20), random.Next(3));
                switch (random.Next(8))
                {
                    case 0:
                        _timers.Forget(all[n]);
                        for (var w = 0; w < 3; w++) expected.Remove((n, w));
                        break;
                    case 1:
                        Timers.Cancel(all[n][which]);
                        expected.Remove((n, which));
                        break;
                    default:
                        var at = now + random.Next(1, 400);
                        _timers.Set(all[n][which], new(at));
                        expected[(n, which)] = at;
                        break;
                }
            }
            Until(now);
            var due = expected.Where(e => e.Value <= now).Select(e => e.Key).ToArray();
            foreach (var key in due) expected.Remove(key);
            Assert.Equal(due.Select(d => $"{d.Item1}.{d.Item2}").Order(), _fired.Order());
            Assert.InRange(_timers.Count, 0, 60);
        }
    }
}
