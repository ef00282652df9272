// ipsec checkconf: all mistakes at once, each at its place; nothing is started, nobody is asked.
using System.Text.Json;
using Cygnet.Linux;

namespace Cygnet.Command.Tests;

public sealed class CheckConfTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("ipsec").FullName;
    readonly StringWriter _out = new(), _error = new();

    public void Dispose() => Directory.Delete(_root, true);

    int Run(params string[] args) => Ipsec.Run(new(new Paths(_root, _root, _root, _root, $"{_root}/strongswan.conf"), _out, _error)
    {
        Connect = () => throw new ViciFailure("nobody is to be asked"),
    }, "/usr/sbin/ipsec", args);

    string Write(string name, string text)
    {
        var path = Path.Combine(_root, name);
        File.WriteAllText(path, text);
        return path;
    }

    string[] Lines => _out.ToString().TrimEnd().Replace(_root, "", StringComparison.Ordinal).Split('\n');

    const string Broken = """
        config setup
        	uniqueids = maybe
        	foo = bar
        conn a
        	lfet = 10.0.0.1
        	right=%any
        	ike=aes128-sha2567-modp2048
        	keyexchange=v3
        	auto=start
        	also=nowhere
        conn
        	belongs=to no section
        conn b
        	left=%any
        	right=192.0.2.1
        	leftcert=missing.pem
        	auto=add
          garbage
        conn c
        	also=d
        conn d
        	also=c
        """;

    [Fact]
    public void Every_mistake_of_a_file_is_told_in_order()
    {
        var file = Write("x.conf", Broken);
        Assert.Equal(ExitCode.Failed, Run("checkconf", file));
        Assert.Equal(
        [
            "/x.conf:2:14: error: 'maybe': expected no, yes, replace, keep or never",
            "/x.conf:3:2: warning: 'foo': expected a keyword of 'config setup'",
            "/x.conf:5:2: warning: 'lfet': expected a keyword of 'conn'; did you mean 'left'?",
            "/x.conf:7:13: error: 'sha2567': expected an algorithm of 'ipsec listalgs'; did you mean 'sha256'?",
            "/x.conf:8:14: error: 'v3': expected ike, ikev1 or ikev2",
            "/x.conf:10:7: error: 'nowhere': expected the name of a 'conn' section",
            "/x.conf:11:1: error: 'conn': expected a name, as in 'conn office'",
            "/x.conf:16:11: error: conn 'b': '/ipsec.d/certs/missing.pem': the file cannot be read",
            "/x.conf:18:3: error: 'garbage': expected '=' and a value after it",
            "/x.conf:22:7: error: 'c': leads back to the section that it stands in",
            "8 errors, 2 warnings",
        ], Lines);
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public void Without_a_name_all_files_are_checked()
    {
        Write("ipsec.conf", "conn a\n\tright=192.0.2.1\n\tauto=ad\n");
        Write("ipsec.secrets", ": PSK \"x\"\n: RSB y\n");
        Write("strongswan.conf", "charon {\n  port = 500\n");
        Assert.Equal(ExitCode.Failed, Run("checkconf"));
        Assert.Contains(Lines, l => l.StartsWith("/ipsec.conf:3:7: error: 'ad': expected ", StringComparison.Ordinal));
        Assert.Contains(Lines, l => l.StartsWith("/ipsec.secrets:2:", StringComparison.Ordinal));
        Assert.Contains(Lines, l => l.StartsWith("/strongswan.conf:", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_of_a_name_is_not_blamed_for_the_others()
    {
        Write("ipsec.secrets", ": RSB y\n");
        Assert.Equal(ExitCode.Success, Run("checkconf", Write("x.conf", "conn a\n\tright=192.0.2.1\n\tauthby=psk\n\tauto=add\n")));
        Assert.Equal(["no mistakes found"], Lines);
    }

    [Fact]
    public void An_EAP_method_that_is_none_stands_at_its_place()
    {
        Assert.Equal(ExitCode.Failed, Run("checkconf", Write("x.conf", "conn a\n\tright=192.0.2.1\n\trightauth=eap-mschap2\n\tleftauth=psk\n\tauto=add\n")));
        Assert.Equal("/x.conf:3:12: error: 'eap-mschap2': expected eap, or eap- and a method: a name, or a type with its vendor; did you mean 'eap-mschapv2'?", Lines[0]);
    }

    /// <summary>Each word is right and the whole is not: that is no expectation.</summary>
    [Fact]
    public void A_proposal_that_lacks_something_says_what()
    {
        Assert.Equal(ExitCode.Failed, Run("checkconf", Write("x.conf", "conn a\n\tright=192.0.2.1\n\tike=aes128-sha256!\n\tauto=add\n")));
        Assert.Equal("/x.conf:3:6: error: 'aes128-sha256': a DH group is mandatory in IKE proposals", Lines[0]);
    }

    [Fact]
    public void A_wrong_auto_does_not_hide_what_else_is_wrong()
    {
        Assert.Equal(ExitCode.Failed, Run("checkconf", Write("x.conf", "conn a\n\tright=192.0.2.1\n\tike=aes128-sha266-modp2048\n\tauto=sart\n")));
        Assert.Equal(["/x.conf:3:13: error: 'sha266': expected an algorithm of 'ipsec listalgs'; did you mean 'sha256'?",
            "/x.conf:4:7: error: 'sart': expected ignore, add, route or start; did you mean 'start'?", "2 errors, 0 warnings"], Lines);
    }

    [Fact]
    public void A_file_cannot_command_the_terminal()
    {
        Assert.Equal(ExitCode.Failed, Run("checkconf", Write("x.conf", "conn a\n\t\u001b[2J=1\n\tright=192.0.2.1\n\tauto=\u001b]0;x\u0007\n\u009b31m\n")));
        Assert.DoesNotContain(_out.ToString(), c => char.IsControl(c) && c != '\n');
        Assert.Contains("'?[2J'", _out.ToString());
    }

    [Fact]
    public void A_warning_is_no_failure()
    {
        Assert.Equal(ExitCode.Success, Run("checkconf", Write("x.conf", "conn a\n\tright=192.0.2.1\n\tauthby=psk\n\tauto=add\n\tnonsense=1\n")));
        Assert.Equal("0 errors, 1 warning", Lines[^1]);
    }

    [Fact]
    public void As_JSON()
    {
        Assert.Equal(ExitCode.Failed, Run("checkconf", "--json", Write("x.conf", Broken)));
        using var all = JsonDocument.Parse(_out.ToString());
        Assert.Equal(10, all.RootElement.GetArrayLength());
        var first = all.RootElement[0];
        Assert.Equal((2, 14, "error"), (first.GetProperty("line").GetInt32(), first.GetProperty("column").GetInt32(), first.GetProperty("severity").GetString()));
    }

    [Theory]
    [InlineData("checkconf", "/no/such/file")]
    [InlineData("checkconf")]
    public void A_file_that_is_not_there_is_a_mistake(params string[] args)
    {
        Assert.Equal(ExitCode.Failed, Run(args));
        Assert.Contains("error: no files found matching '", _out.ToString());
    }

    [Fact]
    public void Its_usage()
    {
        Assert.Equal(ExitCode.Usage, Run("checkconf", "a", "b"));
        Assert.Equal("Usage: ipsec checkconf [--json] [<file>]\n", _out.ToString());
    }
}
