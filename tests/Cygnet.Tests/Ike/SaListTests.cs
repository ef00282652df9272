// The list of a shard's SAs against a sorted dictionary, and its pages.
using Cygnet.Ike;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class SaListTests
{
    readonly Gateway _gateway = new Network(1).Add("moon", Pair.MoonAddress);

    IkeSa New() => new(_gateway.Engine, true, default, default);

    static int[] Paged(SaList list, int size)
    {
        var ids = new List<int>();
        for (var after = 0; after >= 0;)
        {
            var page = list.Page(after, size, out after).ToArray();
            Assert.InRange(page.Length, 0, size);
            ids.AddRange(page.Select(sa => sa.UniqueId));
        }
        return [.. ids];
    }

    [Fact]
    public void It_holds_what_a_dictionary_would()
    {
        var (list, known, late, random) = (new SaList(), new SortedDictionary<int, IkeSa>(), new List<IkeSa>(), new Random(3));
        for (var step = 0; step < 3000; step++)
        {
            if (random.Next(step < 1500 ? 3 : 1) > 0)
            {
                var sa = New();
                if (random.Next(10) == 0) late.Add(sa); // registered after younger ones
                else { list.Add(sa); known[sa.UniqueId] = sa; }
            }
            else if (known.Count > 0)
            {
                var id = known.Keys.ElementAt(random.Next(known.Count));
                list.Remove(id);
                list.Remove(id);
                known.Remove(id);
            }
            if (random.Next(20) == 0 && late.Count > 0)
            {
                list.Add(late[^1]);
                known[late[^1].UniqueId] = late[^1];
                late.RemoveAt(late.Count - 1);
            }
            Assert.Equal(known.Count, list.Count);
            if (step % 50 > 0) continue;
            Assert.Equal(known.Values, list.All);
            for (var id = 0; id < 50; id++) Assert.Same(known.GetValueOrDefault(id), list.Find(id));
            foreach (var size in (int[])[1, 3, 64, 10_000]) Assert.Equal(known.Keys, Paged(list, size));
        }
        Assert.Empty(list.All);
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(7)]
    public void What_goes_between_two_pages_takes_no_other_with_it(int size)
    {
        for (var gone = 1; gone <= 20; gone++)
        {
            var list = new SaList();
            var all = Enumerable.Range(0, 20).Select(_ => New()).ToArray();
            foreach (var sa in all) list.Add(sa);
            var listed = list.Page(0, size, out var next).Select(sa => sa.UniqueId).ToList();
            // The list shrinks and moves together meanwhile.
            foreach (var sa in all.Take(gone)) list.Remove(sa.UniqueId);
            while (next >= 0) listed.AddRange(list.Page(next, size, out next).Select(sa => sa.UniqueId));
            Assert.Equal(listed.Distinct().Order(), listed);
            Assert.Superset(all.Skip(gone).Select(sa => sa.UniqueId).ToHashSet(), listed.ToHashSet());
        }
    }

    [Fact]
    public void An_engine_lists_the_same_in_pages_as_at_once()
    {
        var pair = new Pair(change: c => c with { Unique = Cygnet.Policy.UniquePolicy.Never });
        pair.Moon.Engine.Settings = new() { ReuseIkeSa = false };
        pair.Sun.Engine.Settings = new() { DosProtection = false };
        for (var i = 0; i < 30; i++) pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, null, null));
        pair.Settle();
        foreach (var id in (int[])[1, 2, 3, 17, 30]) pair.Moon.Do(new Wish.TerminateIke(id, Force: id % 2 == 0, null));
        pair.Network.Run(TimeSpan.FromSeconds(5)); // ghosts at the other end are not shown
        foreach (var g in (Gateway[])[pair.Moon, pair.Sun])
        {
            var whole = g.Engine.Snapshots().Select(s => s.UniqueId).ToArray();
            foreach (var size in (int[])[1, 4, 100])
            {
                var paged = new List<int>();
                for (var after = 0; after >= 0;)
                {
                    var page = g.Engine.Snapshots(after, size);
                    Assert.InRange(page.Sas.Count, 0, size);
                    paged.AddRange(page.Sas.Select(s => s.UniqueId));
                    after = page.Next;
                }
                Assert.Equal(whole, paged);
            }
        }
        Assert.Equal(25, pair.Moon.Engine.Snapshots().Count);
    }
}
