// Who gets which address: every rule of the lease table, and that no two owners ever have the same one.
using Cygnet.Policy;
using Cygnet.Pools;

namespace Cygnet.Tests.Pools;

public sealed class AddressPoolTests
{
    readonly List<string> _log = [];
    readonly List<Pool> _pools = [];
    long _now = 1000;

    [Fact]
    public void New_leases_ascend_and_each_is_its_owners()
    {
        Add("10.3.0.0/28");
        Assert.Equal("10.3.0.1", Get("carol"));
        Assert.Equal("10.3.0.2", Get("dave"));
        Assert.Equal("10.3.0.3", Get("carol"));
        Assert.Equal(["assigning new lease to 'carol'", "assigning new lease to 'dave'", "assigning new lease to 'carol'"], _log);
        Assert.Equal((3, 0), Counts());
    }

    [Fact]
    public void An_owner_gets_its_own_address_back()
    {
        Add("10.3.0.0/28");
        var carol = Lease("carol")!;
        Get("dave");
        Assert.True(carol.Release());
        Assert.Equal((1, 1), Counts());
        Assert.Equal("10.3.0.3", Get("eve")); // a new one, as long as there is one
        Assert.Equal("10.3.0.1", Get("carol"));
        Assert.Equal("reassigning offline lease to 'carol'", _log[^1]);
    }

    [Fact]
    public void A_lease_is_released_once()
    {
        Add("10.3.0.0/28");
        var carol = Lease("carol")!;
        Assert.True(carol.Release());
        Assert.False(carol.Release());
        Assert.False(_pools[0].Addresses.Release(carol.Address, Identity.Parse("dave")));
        Assert.False(_pools[0].Addresses.Release(Address.Parse("10.9.9.9"), Identity.Parse("carol")));
        Assert.Equal((0, 1), Counts());
    }

    [Fact]
    public void Names_of_the_same_meaning_are_one_owner()
    {
        Add("10.3.0.0/28");
        Lease("Carol@Example.org")!.Release();
        Assert.Equal("10.3.0.1", Get("carol@example.ORG"));
    }

    [Fact]
    public void A_full_pool_gives_what_was_released_longest_ago()
    {
        Add("10.3.0.0/30");
        var (a, b) = (Lease("a")!, Lease("b")!);
        b.Release();
        a.Release();
        Assert.Equal(b.Address.ToString(), Get("c"));
        Assert.Equal("reassigning existing offline lease by 'b' to 'c'", _log[^1]);
        Assert.Equal(a.Address.ToString(), Get("b")); // b has nothing of its own any more
        Assert.Equal("reassigning existing offline lease by 'a' to 'b'", _log[^1]);
        Assert.Null(Lease("d"));
        Assert.Equal("pool '10.3.0.0/30' is full, unable to assign address", _log[^1]);
        Assert.Equal((2, 0), Counts());
        Assert.Equal(["c", "b"], _pools[0].Addresses.Leases().OrderByDescending(l => l.Address.Bits).Select(l => l.Owner.ToString()));
    }

    [Fact]
    public void What_was_reassigned_is_not_its_former_owners()
    {
        Add("10.7.0.7");
        var a = Lease("a")!;
        a.Release();
        Get("b");
        Assert.False(a.Release());
        Assert.Null(Lease("a"));
        Assert.Equal((1, 0), Counts());
    }

    [Fact]
    public void A_wanted_address_is_given_if_nobody_has_had_it()
    {
        Add("10.3.0.0/28");
        Assert.Equal("10.3.0.5", Get("carol", "10.3.0.5"));
        Assert.Equal("10.3.0.1", Get("dave", "10.3.0.5"));
        Assert.Equal("10.3.0.2", Get("eve", "10.99.0.1"));
        Assert.Equal(["10.3.0.3", "10.3.0.4", "10.3.0.6"], Enumerable.Range(0, 3).Select(i => Get($"u{i}")!));
    }

    [Fact]
    public void A_wanted_address_that_is_ones_own_comes_before_another_of_ones_own()
    {
        Add("10.3.0.0/28");
        var (first, second) = (Lease("carol")!, Lease("carol")!);
        first.Release();
        second.Release();
        Assert.Equal("10.3.0.2", Get("carol", "10.3.0.2"));
        Assert.Equal("10.3.0.1", Get("carol", "10.3.0.2", port: 4501));
    }

    [Fact]
    public void An_address_that_another_released_is_not_given_for_the_asking()
    {
        Add("10.3.0.0/28");
        Lease("carol")!.Release();
        Assert.Equal("10.3.0.2", Get("dave", "10.3.0.1"));
        Assert.Equal("10.3.0.1", Get("carol"));
    }

    [Fact]
    public void Reauthentication_from_the_same_endpoint_shares_the_address()
    {
        Add("10.3.0.0/28");
        var old = Lease("carol")!;
        var @new = Lease("carol", "10.3.0.1")!;
        Assert.Equal(old.Address, @new.Address);
        Assert.Equal("reassigning online lease to 'carol'", _log[^1]);
        Assert.Equal((1, 0), Counts());
        Assert.False(old.Release());
        Assert.Equal((1, 0), Counts());
        Assert.True(@new.Release());
    }

    [Fact]
    public void From_another_endpoint_the_same_owner_gets_another_address()
    {
        Add("10.3.0.0/28");
        Get("carol");
        Assert.Equal("10.3.0.2", Get("carol", "10.3.0.1", port: 4501));
    }

    [Fact]
    public void Another_owner_at_the_same_endpoint_does_not_share()
    {
        Add("10.3.0.0/28");
        Get("carol");
        Assert.Equal("10.3.0.2", Get("dave", "10.3.0.1"));
    }

    [Fact]
    public void What_replaces_an_IKE_SA_takes_its_address_over()
    {
        Add("10.7.0.7");
        var old = Lease("carol")!;
        Assert.Null(Lease("carol", port: 4501));
        var @new = Lease("carol", port: 4501, replaces: true)!;
        Assert.Equal(old.Address, @new.Address);
        // what came up meanwhile is not replaced
        Assert.Null(Pool.Acquire(_pools, Request("carol", "%any", 4502) with { Replaces = 1001 }, _log.Add));
        // neither is what somebody has with another identity of ours
        Assert.Null(Pool.Acquire(_pools, Request("carol", "%any", 4502) with { Replaces = long.MaxValue, Us = Identity.Parse("sun") }, _log.Add));
        Assert.Null(Lease("dave", port: 4501, replaces: true));
        Assert.False(old.Release());
        Assert.True(@new.Release());
    }

    [Fact]
    public void Pools_are_gone_through_in_order_and_by_family()
    {
        Add("10.3.0.1");
        Add("fd03::/120");
        Add("10.4.0.0/29");
        Assert.Equal("10.3.0.1", Get("carol"));
        Assert.Equal("fd03::1", Get("carol", "%any6"));
        Assert.Equal("10.4.0.1", Get("dave"));
        var dave = Lease("dave", "10.4.0.3", port: 7)!;
        Assert.Equal("10.4.0.3", dave.Address.ToString());
        Assert.Equal("10.4.0.0/29", dave.Pool!.Name);
        Assert.Equal((1, 0), Counts(0));
        Assert.Equal((1, 0), Counts(1));
        Assert.Equal((2, 0), Counts(2));
    }

    [Fact]
    public void What_one_had_in_a_later_pool_comes_before_a_new_one_of_an_earlier_pool()
    {
        Add("10.3.0.1");
        Add("10.4.0.0/29");
        var other = Lease("other")!;
        var carol = Lease("carol")!;
        carol.Release();
        other.Release();
        Assert.Equal("10.4.0.1", Get("carol"));
    }

    [Fact]
    public void No_pool_no_address()
    {
        Assert.Null(Lease("carol"));
        Add("fd03::/120");
        Assert.Null(Lease("carol"));
        Assert.Empty(_log);
    }

    [Fact]
    public void An_echo_pool_gives_what_is_wanted_and_nothing_else()
    {
        _pools.Add(new("rw", AddressPool.Echo()));
        Assert.Equal("192.0.2.77", Get("carol", "192.0.2.77"));
        Assert.Equal("2001:db8::77", Get("carol", "2001:db8::77"));
        Assert.Null(Lease("carol"));
        Assert.Equal((0, 0), Counts());
        Assert.Empty(_log);
    }

    [Fact]
    public void A_retired_pool_gives_nothing_and_only_an_idle_one_retires()
    {
        Add("10.3.0.0/28");
        var (pool, carol) = (_pools[0].Addresses, Lease("carol")!);
        Assert.False(pool.TryRetire());
        Assert.Equal("10.3.0.2", Get("dave"));
        pool.Release(Address.Parse("10.3.0.2"), Identity.Parse("dave"));
        carol.Release();
        Assert.True(pool.TryRetire());
        Assert.Null(Lease("carol"));
        pool.Reinstate();
        Assert.Equal("10.3.0.1", Get("carol"));
    }

    [Fact]
    public void Leases_are_listed_by_age()
    {
        Add("10.3.0.0/28");
        Lease("carol", "10.3.0.9")!.Release();
        Get("dave");
        Assert.Equal(["10.3.0.9 carol False", "10.3.0.1 dave True"], _pools[0].Addresses.Leases().Select(l => $"{l.Address} {l.Owner} {l.IsOnline}"));
    }

    /// <summary>Threads that acquire and release for many owners at random: what each has is its own alone, and in the end all is released.</summary>
    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void No_two_owners_ever_have_the_same_address(int seed)
    {
        Add("10.3.0.0/26");
        Add("10.3.1.5-10.3.1.40");
        Add("fd03::/122");
        var holders = new System.Collections.Concurrent.ConcurrentDictionary<Address, (Identity Owner, int Uses)>();
        var faults = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var clock = 0L;
        Parallel.For(0, 4, thread =>
        {
            var random = new Random(seed * 100 + thread);
            var held = new List<VirtualLease>();
            for (var step = 0; step < 8000; step++)
            {
                if (held.Count > 30 || held.Count > 0 && random.Next(2) == 0)
                {
                    var lease = held[random.Next(held.Count)];
                    held.Remove(lease);
                    // forgotten before it is released: another may have it at once
                    holders.AddOrUpdate(lease.Address, _ => (lease.Owner, 0), (_, h) => (h.Owner, h.Uses - 1));
                    lease.Release();
                    continue;
                }
                var owner = Identity.Parse($"user{random.Next(60)}");
                var wanted = random.Next(3) switch { 0 => "%any", 1 => "%any6", _ => $"10.3.{random.Next(2)}.{random.Next(64)}" };
                var now = Interlocked.Increment(ref clock);
                var request = new LeaseRequest(owner, Identity.Parse("moon"), new(Address.Parse("192.0.2.1"), (ushort)random.Next(1, 3)), Parse(wanted))
                {
                    Now = now, Replaces = random.Next(4) == 0 ? now - random.Next(50) : null,
                };
                if (Pool.Acquire(_pools, request, _ => { }) is not { } got) continue;
                held.Add(got);
                holders.AddOrUpdate(got.Address, _ => (owner, 1), (_, h) =>
                {
                    if (h.Uses > 0 && !h.Owner.Equals(owner)) faults.Enqueue($"{got.Address} is with {h.Owner} and {owner}");
                    return (owner, h.Uses + 1);
                });
            }
            foreach (var lease in held)
            {
                holders.AddOrUpdate(lease.Address, _ => (lease.Owner, 0), (_, h) => (h.Owner, h.Uses - 1));
                lease.Release();
            }
        });
        Assert.Empty(faults);
        Assert.All(holders.Values, h => Assert.Equal(0, h.Uses));
        foreach (var pool in _pools)
        {
            Assert.Equal(0, pool.Addresses.OnlineCount);
            Assert.True(pool.Addresses.OfflineCount > 0);
            Assert.InRange(pool.Addresses.OfflineCount, 0, (int)pool.Addresses.Range.Size);
            var leases = pool.Addresses.Leases();
            Assert.Equal(leases.Count, leases.Select(l => l.Address).Distinct().Count());
            Assert.Equal(pool.Addresses.OfflineCount, leases.Count);
            Assert.True(pool.Addresses.TryRetire());
        }
    }

    void Add(string range)
    {
        Assert.True(AddressRange.TryParse(range, out var parsed, out _));
        _pools.Add(new(range, new AddressPool(parsed)));
    }

    (int Online, int Offline) Counts(int pool = 0) => (_pools[pool].Addresses.OnlineCount, _pools[pool].Addresses.OfflineCount);

    string? Get(string owner, string wanted = "%any", ushort port = 4500) => Lease(owner, wanted, port)?.Address.ToString();

    VirtualLease? Lease(string owner, string wanted = "%any", ushort port = 4500, bool replaces = false)
    {
        var request = Request(owner, wanted, port);
        return Pool.Acquire(_pools, replaces ? request with { Replaces = request.Now } : request, _log.Add);
    }

    LeaseRequest Request(string owner, string wanted, ushort port) =>
        new(Identity.Parse(owner), Identity.Parse("moon"), new(Address.Parse("192.0.2.1"), port), Parse(wanted)) { Now = _now++ };

    static Address Parse(string text) => text switch { "%any" => Address.Any4, "%any6" => Address.Any6, _ => Address.Parse(text) };
}
