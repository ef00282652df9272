// When what is loaded reaches those who run by it: not before there is something to run by.
using Cygnet.Control;
using Cygnet.Policy;

namespace Cygnet.Charon.Tests;

public sealed class ConfigurationStoreTests
{
    readonly List<int> _published = [];

    ConfigurationStore Store() => new(c => _published.Add(c.Connections.Count));

    static StateCommand Credentials => (s, _) => Change.Done(s with { Incoming = [] });

    static StateCommand Load(string name) => (s, _) =>
        Change.Done(s with { Connections = s.Connections.Put(new Connection { Name = name }) });

    [Fact]
    public void Nothing_is_published_until_there_is_a_connection()
    {
        var store = Store();
        store.Apply(Credentials, null!, out _, out _);
        Assert.Empty(_published);
        store.Apply(Load("a"), null!, out _, out _);
        store.Apply((s, _) => Change.Done(s with { Connections = [] }), null!, out _, out _);
        Assert.Equal([1, 0], _published); // and from then on all of it
    }

    [Fact]
    public void A_transaction_may_say_that_there_is_none()
    {
        var store = Store();
        Assert.Empty(store.ApplyAll([], out _, out _));
        Assert.Equal([0], _published);
        Assert.Empty(store.ApplyAll([], out _, out _));
        Assert.Equal([0], _published);
    }
}
