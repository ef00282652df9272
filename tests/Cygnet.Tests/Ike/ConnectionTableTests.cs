// The table of configured connections: what each look-up finds, through every kind of change, beside a plain list that is searched from its beginning.
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Tests.Ike;

public sealed class ConnectionTableTests
{
    static readonly Address s_local = Address.Parse("192.0.2.1");
    static readonly string[] s_words = ["192.0.2.9", "192.0.2.8", "%any", "192.0.2.0/24", "192.0.2.5-192.0.2.9", "gw.example.org", "2001:db8::1", "192.0.2.9/32"];
    static readonly Address[] s_peers = [.. ((string[])["192.0.2.9", "192.0.2.8", "192.0.2.5", "203.0.113.7", "2001:db8::1", "2001:db8::2"]).Select(Address.Parse)];

    static Connection Of(string name, string remote, params string[] children) =>
        new() { Name = name, RemoteAddrs = [.. remote.Split(',')], Children = [.. children.Select(c => new ChildConfig { Name = c })] };

    [Fact]
    public void A_name_means_a_connection_and_those_with_such_a_child()
    {
        ConnectionTable table = [Of("a", "%any", "x", "y"), Of("b", "%any", "x"), Of("x", "%any", "z"), Of("d", "%any")];
        Assert.Equal(["a", "b"], table.WithChild("x").Select(c => c.Name));
        Assert.Equal(["a", "b", "x"], table.Named("x").Select(c => c.Name));
        Assert.Equal(["d"], table.Named("d").Select(c => c.Name));
        Assert.Empty(table.Named("nobody"));
        Assert.Equal(("a", "x"), Names(table.First(null, "x")));
        Assert.Equal(("b", "x"), Names(table.First("b", "x")));
        Assert.Equal((null, null), Names(table.First("d", "x")));
        Assert.Equal(("d", null), Names(table.First("d", null)));
        Assert.Equal(("a", null), Names(table.First(null, null)));
        static (string?, string?) Names((Connection? C, ChildConfig? K) found) => (found.C?.Name, found.K?.Name);
    }

    [Fact]
    public void What_is_loaded_again_keeps_its_place_and_the_same_again_changes_nothing()
    {
        ConnectionTable table = [Of("a", "%any"), Of("b", "%any", "old"), Of("c", "%any")];
        var changed = table.Put(Of("b", "192.0.2.9", "new"), "digest");
        Assert.Equal(["a", "b", "c"], changed.Select(c => c.Name));
        Assert.Equal(("digest", ""), (changed.DigestOf("b"), changed.DigestOf("a")));
        Assert.Empty(changed.WithChild("old"));
        Assert.Single(changed.WithChild("new"));
        Assert.Single(table.WithChild("old")); // the one before is as it was
        Assert.Same(changed, changed.Put(Of("b", "192.0.2.9", "new"), "digest"));
        Assert.NotSame(changed, changed.Put(Of("b", "192.0.2.9", "new"), "another"));
        Assert.Same(changed, changed.Remove("nobody"));
        Assert.Equal(["a", "c", "b"], changed.Remove("b").Put(Of("b", "%any")).Select(c => c.Name));
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void It_finds_what_a_search_from_the_beginning_finds(int seed)
    {
        var random = new Random(seed);
        var table = ConnectionTable.Empty;
        var list = new List<Connection>();
        for (var step = 0; step < 400; step++)
        {
            var (former, before) = (table, list.ToArray());
            for (var change = random.Next(3); change >= 0; change--)
            {
                var name = $"c{random.Next(20)}";
                var at = list.FindIndex(c => c.Name == name);
                if (random.Next(3) == 0)
                {
                    table = table.Remove(name);
                    if (at >= 0) list.RemoveAt(at);
                    continue;
                }
                var connection = Of(name, string.Join(',', random.GetItems(s_words, random.Next(1, 3))), [.. Enumerable.Range(0, random.Next(3)).Select(_ => $"k{random.Next(8)}").Distinct()]);
                if (random.Next(8) == 0) connection = connection with { Children = [.. connection.Children.Select(k => k with { Mode = ChildMode.Pass })] };
                table = table.Put(connection);
                if (at < 0) list.Add(connection);
                else list[at] = connection;
            }
            Assert.Equal(list, table);
            Assert.Equal(list.Count, table.Count);
            for (var i = 0; i < 20; i++) Assert.Equal(list.Find(c => c.Name == $"c{i}"), table.Find($"c{i}"));
            for (var i = 0; i < 8; i++) Assert.Equal(list.Where(c => c.Children.Any(k => k.Name == $"k{i}")), table.WithChild($"k{i}"));
            foreach (var peer in s_peers) Assert.Equal(ByAddress(list, peer).Select(c => c.Name), table.For(s_local, peer).Select(c => c.Name));

            // What is told of as a difference, applied to the list before, makes the one after.
            var differences = ConnectionTable.Differences(former, table).ToList();
            Assert.Equal(before.Except(list).Select(c => c.Name).Order(), differences.Where(d => d.Old is not null && !list.Contains(d.Old)).Select(d => d.Old!.Name).Order());
            Assert.Equal(list.Except(before).Select(c => c.Name).Order(), differences.Where(d => d.New is not null && !before.Contains(d.New)).Select(d => d.New!.Name).Order());
        }
    }

    [Fact]
    public void Differences_pass_over_what_is_the_same()
    {
        ConnectionTable before = [.. Enumerable.Range(0, 100).Select(i => Of($"c{i}", "%any"))];
        var after = before.Remove("c3").Put(Of("c50", "192.0.2.9")).Put(Of("new", "%any")).Remove("c99").Put(Of("c99", "%any"));
        Assert.Equal(["c3-", "c50-c50", "c99-", "-new", "-c99"], ConnectionTable.Differences(before, after).Select(d => $"{d.Old?.Name}-{d.New?.Name}"));
        Assert.Empty(ConnectionTable.Differences(after, after));
    }

    static IEnumerable<Connection> ByAddress(List<Connection> all, Address remote) => all
        .Where(c => c.Children.IsEmpty || !c.Children.All(k => k.Mode is ChildMode.Pass))
        .Select(c => (Connection: c, Mine: c.LocalAddrs.Max(a => AddressPattern.Parse(a).Score(s_local)), Theirs: c.RemoteAddrs.Max(a => AddressPattern.Parse(a).Score(remote))))
        .Where(c => c is { Mine: > 0, Theirs: > 0 })
        .OrderByDescending(c => c.Theirs * 2 + c.Mine).Select(c => c.Connection);
}
