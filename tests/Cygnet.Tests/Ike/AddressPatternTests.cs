// What left= and right= say of an address, and which connection says most. ipsec.conf(5), left and right.
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Tests.Ike;

public sealed class AddressPatternTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", 129), InlineData("192.0.2.1", "192.0.2.2", 0), InlineData("192.0.2.1", "2001:db8::1", 0)]
    [InlineData("192.0.2.0/24", "192.0.2.255", 25), InlineData("192.0.2.0/24", "192.0.3.0", 0), InlineData("0.0.0.0/0", "192.0.2.1", 1), InlineData("0.0.0.0/0", "::1", 0)]
    [InlineData("192.0.2.77/24", "192.0.2.1", 25)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", 33), InlineData("2001:db8::/32", "2001:db9::", 0), InlineData("::/0", "2001:db8::1", 1)]
    [InlineData("192.0.2.5-192.0.2.9", "192.0.2.9", 1), InlineData("192.0.2.5-192.0.2.9", "192.0.2.10", 0), InlineData("192.0.2.5-192.0.2.9", "192.0.2.4", 0)]
    [InlineData("%any", "192.0.2.1", 1), InlineData("%any", "::1", 1), InlineData("%defaultroute", "192.0.2.1", 1)]
    [InlineData("%any4", "192.0.2.1", 1), InlineData("%any4", "::1", 0), InlineData("0.0.0.0", "255.255.255.255", 1)]
    [InlineData("%any6", "ffff::", 1), InlineData("%any6", "192.0.2.1", 0), InlineData("::", "::1", 1)]
    [InlineData("moon.example.org", "192.0.2.1", 1), InlineData("192.0.2.0/33", "192.0.2.1", 1)]
    public void A_word_says_of_an_address(string word, string address, int score) =>
        Assert.Equal(score, AddressPattern.Parse(word).Score(Address.Parse(address)));

    [Fact]
    public void The_peer_counts_more_than_ourselves_and_equals_stay_in_order()
    {
        var connections = new[] { Of("any", "%any", "%any"), Of("mine", "192.0.2.1", "%any"), Of("theirs", "%any", "192.0.2.2"), Of("other", "%any", "192.0.2.3"), Of("again", "%any", "%any") };
        var found = ConnectionTable.Of([.. connections]).For(Address.Parse("192.0.2.1"), Address.Parse("192.0.2.2"));
        Assert.Equal(["theirs", "mine", "any", "again"], found.Select(c => c.Name));
        Assert.Empty(ConnectionTable.Of([connections[3]]).For(Address.Parse("192.0.2.1"), Address.Parse("192.0.2.2")));

        static Connection Of(string name, string local, string remote) => new() { Name = name, LocalAddrs = [local], RemoteAddrs = [remote] };
    }
}
