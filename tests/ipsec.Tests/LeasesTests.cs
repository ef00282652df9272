// ipsec leases and down-srcip: texts of the reference, and which SAs are meant.
using Cygnet.Command.Commands;
using Cygnet.Command.Reports;
using Cygnet.Control;
using Cygnet.Linux;

namespace Cygnet.Command.Tests;

public sealed class LeasesTests
{
    readonly StringWriter _out = new(), _error = new();

    static CannedVici Charon()
    {
        var pools = new ViciSection();
        Pool("10.3.0.0/28", 14, 1, 1, ("10.3.0.1", "carol", "online"), ("10.3.0.2", "C=CH, O=Gr\u00fcezi, CN=dave", "offline"));
        Pool("fd03::/120", 254, 1, 0, ("fd03::1", "carol", "online"));
        Pool("10.4.0.0/29", 6, 0, 0);
        Pool("rw", 0, 0, 0);
        return new CannedVici().On("get-pools", pools).Yes("terminate").On("list-sas", new(), Sa(1, "10.3.0.1", "fd03::1"), Sa(2, "10.3.0.7"), Sa(3), Sa(4, "10.3.0.12"));

        void Pool(string name, int size, int online, int offline, params (string Address, string Identity, string Status)[] leases)
        {
            var list = pools.AddSection(name).Add("size", size).Add("online", online).Add("offline", offline).AddSection("leases");
            foreach (var (i, lease) in leases.Index()) list.AddSection($"{i}").Add("address", lease.Address).Add("identity", lease.Identity).Add("status", lease.Status);
        }

        static ViciSection Sa(int id, params string[] vips)
        {
            var message = new ViciSection();
            message.AddSection("rw").Add("uniqueid", id).AddList("remote-vips", vips);
            return message;
        }
    }

    [Fact]
    public void AllPools()
    {
        new LeaseReport(Charon(), null, null).Write(_out);
        Golden.Equal("leases.txt", _out.ToString());
    }

    [Theory]
    [InlineData("nosuch", null, "pool 'nosuch' not found\n")]
    [InlineData("rw", null, "pool 'rw' not found\n")]
    [InlineData("fd03::/120", "fd03:0::1", "Leases in pool 'fd03::/120', usage: 1/254, 1 online\n          fd03::1   online   'carol'\n")]
    [InlineData("10.3.0.0/28", "10.3.0.9", "Leases in pool '10.3.0.0/28', usage: 2/14, 1 online\n  no matching leases found\n")]
    [InlineData("10.3.0.0/28", "%any", "Leases in pool '10.3.0.0/28', usage: 2/14, 1 online\n  no matching leases found\n")]
    [InlineData("fd03::/120", "nonsense", "Leases in pool 'fd03::/120', usage: 1/254, 1 online\n          fd03::1   online   'carol'\n")]
    public void OnePoolOneAddress(string pool, string? address, string expected)
    {
        new LeaseReport(Charon(), pool, address).Write(_out);
        Assert.Equal(expected, _out.ToString());
    }

    [Fact]
    public void NoPools()
    {
        new LeaseReport(new CannedVici().On("get-pools", new()), null, null).Write(_out);
        Assert.Equal("no pools found\n", _out.ToString());
    }

    [Theory]
    [InlineData("10.3.0.1", null, "1")]
    [InlineData("10.3.0.1", "10.3.0.7", "1 2")]
    [InlineData("10.3.0.2", "10.3.0.255", "2 4")]
    [InlineData("fd03::", "fd03::ff", "1")]
    [InlineData("10.3.0.9", null, "")]
    [InlineData("0.0.0.0", "255.255.255.255", "1 2 4")]
    [InlineData("10.3.0.1", "fd03::1", "")]
    public void AddressesInTheRangeGoDown(string start, string? end, string ids)
    {
        var charon = Charon();
        DownSourceIp.Run(charon, _error, start, end);
        Assert.Equal(ids.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => $"terminate ike-id={id} timeout=-1"), charon.Requests.Where(r => r.StartsWith("terminate", StringComparison.Ordinal)));
        Assert.Equal("", $"{_out}{_error}");
    }

    [Theory]
    [InlineData("bla", null, "invalid start address: bla\n")]
    [InlineData("10.3.0.1", "bla", "invalid end address: bla\n")]
    public void WhatIsNoAddressIsSaid(string start, string? end, string expected)
    {
        var charon = Charon();
        DownSourceIp.Run(charon, _error, start, end);
        Assert.Equal(expected, _error.ToString());
        Assert.Empty(charon.Requests);
    }

    [Fact]
    public void UsageAndExitCodes()
    {
        var directory = Directory.CreateTempSubdirectory("leases").FullName;
        try
        {
            var world = new Surroundings(new Paths(directory, directory, directory, directory, ""), _out, _error) { Connect = Charon };
            Assert.Equal(ExitCode.Usage, Ipsec.Run(world, "ipsec", ["down-srcip"]));
            Assert.Equal("Usage: ipsec down-srcip <start> [<end>]\n", _out.ToString());
            Assert.Equal(ExitCode.NotRunning, Ipsec.Run(world, "ipsec", ["down-srcip", "10.3.0.1"]));
            File.WriteAllText(world.Paths.CharonPidFile, "1");
            Assert.Equal(ExitCode.Success, Ipsec.Run(world, "ipsec", ["down-srcip", "10.3.0.1", "10.3.0.5", "rest"]));
            Assert.Equal(ExitCode.Success, Ipsec.Run(world, "ipsec", ["leases", "10.4.0.0/29", "10.4.0.1", "rest"]));
            Assert.EndsWith("Leases in pool '10.4.0.0/29', usage: 0/6, 0 online\n  no matching leases found\n", _out.ToString());
        }
        finally { Directory.Delete(directory, true); }
    }
}
