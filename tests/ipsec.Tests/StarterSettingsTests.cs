// What strongswan.conf says of reading the files: starter.config_file and load_warning, plugins.stroke.secrets_file and allow_swap.
using Cygnet.Command.Starter;
using Cygnet.Control;
using Cygnet.Linux;

namespace Cygnet.Command.Tests;

public sealed class StarterSettingsTests : IDisposable
{
    readonly string _etc = Directory.CreateTempSubdirectory("starter").FullName;
    readonly Paths _paths;

    public StarterSettingsTests()
    {
        _paths = new(_etc, _etc, _etc, _etc, $"{_etc}/strongswan.conf");
        Write("ipsec.conf", "");
        Write("ipsec.secrets", ": PSK \"from ipsec.secrets\"\n");
        Write("other.secrets", ": PSK \"from the other file\"\n");
    }

    public void Dispose() => Directory.Delete(_etc, true);

    void Write(string name, string text) => File.WriteAllText($"{_etc}/{name}", text);

    Configuration Read() => Configuration.Read(_paths, _paths.IpsecConf);

    string? Secret() => Read().Plan.Credentials.Single(r => r.Command == "load-shared").Message.Text("data");

    (string? Local, string? Remote) Ends()
    {
        var conn = Read().Plan.Connections.Single().Message.Sections.Single();
        return (conn.List("local_addrs").Single(), conn.List("remote_addrs").Single());
    }

    [Fact]
    public void Secrets_come_from_the_file_that_is_named()
    {
        Assert.Equal("from ipsec.secrets", Secret());
        Write("strongswan.conf", $"charon {{ plugins {{ stroke {{ secrets_file = {_etc}/other.secrets\n }} }} }}\n");
        Assert.Equal("from the other file", Secret());
        Assert.Equal($"{_etc}/other.secrets", Read().SecretsFile);
        Write("strongswan.conf", "charon { plugins { stroke { secrets_file =\n } } }\n");
        Assert.Equal("from ipsec.secrets", Secret());
    }

    [Fact]
    public void Left_and_right_are_swapped_where_right_is_ours_unless_that_is_forbidden()
    {
        Write("ipsec.conf", "conn a\n\tleft=192.0.2.77\n\tright=127.0.0.1\n\tauthby=secret\n\tauto=add\n");
        Assert.Equal(("127.0.0.1", "192.0.2.77"), Ends());
        Write("strongswan.conf", "charon { plugins { stroke { allow_swap = no\n } } }\n");
        Assert.Equal(("192.0.2.77", "127.0.0.1"), Ends());
        // The other way round there is nothing to swap.
        Write("ipsec.conf", "conn a\n\tleft=127.0.0.1\n\tright=192.0.2.77\n\tauthby=secret\n\tauto=add\n");
        Assert.Equal(("127.0.0.1", "192.0.2.77"), Ends());
    }

    string Starting(params string[] arguments)
    {
        var errors = new StringWriter();
        Starter.Starter.Run(new(_paths, new StringWriter(), errors) { Connect = () => throw new ViciFailure("nobody is to be asked") }, arguments);
        return errors.ToString();
    }

    [Fact]
    public void Plugins_that_are_to_be_loaded_by_hand_are_warned_of_unless_that_is_switched_off()
    {
        // A file that starts nothing.
        Write("ipsec.conf", "conn a\n nonsense\n");
        Directory.CreateDirectory(Path.GetDirectoryName(_paths.Charon)!);
        File.WriteAllText(_paths.Charon, "");
        const string warning = "!! Your strongswan.conf contains manual plugin load options for charon.";
        Assert.DoesNotContain(warning, Starting());
        Write("strongswan.conf", "charon { load = aes sha2\n}\n");
        Assert.Contains(warning, Starting());
        Write("strongswan.conf", "charon { load = aes sha2\n}\nstarter { load_warning = no\n}\n");
        Assert.DoesNotContain(warning, Starting());
    }

    [Fact]
    public void The_configuration_is_the_file_that_is_named()
    {
        Write("else.conf", "conn a\n\tnonsense\n");
        Assert.DoesNotContain("else.conf", Starting("--conftest"));
        Write("strongswan.conf", $"starter {{ config_file = {_etc}/else.conf\n}}\n");
        Assert.Contains($"{_etc}/else.conf:2:2: 'nonsense'", Starting("--conftest"));
        // What is said on the command line goes before.
        Assert.DoesNotContain("else.conf", Starting("--conftest", "--conf", $"{_etc}/ipsec.conf"));
    }
}
