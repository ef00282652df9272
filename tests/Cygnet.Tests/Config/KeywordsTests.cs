// Every keyword of the table: recognised, its type checked, and refused by name if it is not built. ipsec.conf(5).
using Cygnet.Config;

namespace Cygnet.Tests.Config;

public sealed class KeywordsTests
{
    public static IEnumerable<object[]> All => Keywords.All.Select(k => (object[])[k.Section, k.Name]);

    static ConfCheck Check(Keyword keyword, string value)
    {
        var section = keyword.Section switch { ConfSectionType.Setup => "config setup\n", ConfSectionType.Ca => "ca x\n", _ => "conn x\n" };
        var auto = keyword.Section == ConfSectionType.Setup || keyword.Name == "auto" ? "" : " auto=add\n";
        return ConfCheck.Of(StrongSwanConf.Parse("/c", MemoryFiles.With("/c", $"{section}{auto} {keyword.Name}=\"{value}\"\n")));
    }

    static string Good(Keyword k) => k.Kind switch
    {
        KeywordKind.Word or KeywordKind.Option or KeywordKind.Policy => k.Default ?? k.Words[0],
        KeywordKind.Time => k.Name == "inactivity" ? "0" : "90m",
        KeywordKind.Percent => "50%",
        KeywordKind.Binary => "101110",
        KeywordKind.Mark => "%unique",
        KeywordKind.ProtoPort => "tcp/http",
        KeywordKind.Text => "word",
        KeywordKind.Padding => "0",
        _ => "7",
    };

    [Theory]
    [MemberData(nameof(All))]
    public void Is_recognised(ConfSectionType section, string name)
    {
        var keyword = Keywords.Find(section, name)!;
        var check = Check(keyword, Good(keyword));
        var lines = check.Errors.SelectMany(e => e.Lines).ToList();
        if (keyword.Kind == KeywordKind.Deprecated)
        {
            Assert.StartsWith($"# deprecated keyword '{name}' in ", lines[0]);
            Assert.False(check.IsFatal);
        }
        else if (keyword.IsBuilt(Good(keyword)))
        {
            Assert.Empty(lines);
        }
        else
        {
            Assert.Contains($"'{name}={Good(keyword)}' is not built yet in this version", Assert.Single(lines));
            Assert.Contains(keyword.IsOptional ? "ignored" : "remove it", lines[0]);
            Assert.Equal(!keyword.IsOptional, check.Connections.Concat(check.Authorities).Any(c => c.IsDropped));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_word_is_accepted_or_refused_by_name(ConfSectionType section, string name)
    {
        var keyword = Keywords.Find(section, name)!;
        foreach (var word in keyword.Words)
        {
            var errors = Check(keyword, word).Errors;
            Assert.All(errors, e => Assert.Equal("", e.Reference));
            if (name != "auto" || word != "ignore") Assert.Equal(keyword.IsBuilt(word) ? 0 : 1, errors.Count);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_typed_value_is_checked(ConfSectionType section, string name)
    {
        var keyword = Keywords.Find(section, name)!;
        if (keyword.Kind is KeywordKind.Text or KeywordKind.Deprecated) return;
        var check = Check(keyword, "n0nsense!");
        Assert.StartsWith(keyword.Kind == KeywordKind.Mark ? "invalid mark value: n0nsense!" : "# bad ", check.Errors[0].Reference);
        Assert.NotNull(check.Errors[0].Detail);
        Assert.Equal(section == ConfSectionType.Setup, check.IsFatal);
    }

    [Fact]
    public void What_is_not_built_names_conn_keyword_and_way_out()
    {
        var check = ConfCheck.Of(StrongSwanConf.Parse("/c", MemoryFiles.With("/c", "conn x\n mediation=yes\n keyexchange=ikev1\n auto=add\nconn y\n mediation=yes\nconn z\n auto=add\n")));
        Assert.Equal(
            ["/c:3:2: conn 'x': 'keyexchange=ikev1' is not built yet in this version (IKEv1); remove it or set keyexchange=ikev2",
            "/c:2:2: conn 'x': 'mediation=yes' is not built yet in this version (mediation); remove it or set mediation=no"],
            check.Errors.Select(e => e.ToString()));
        // y is not loaded at all, so nothing is wrong with it.
        Assert.Equal([true, false, false], check.Connections.Select(c => c.IsDropped));
    }

    [Theory]
    [InlineData("90", 90)]
    [InlineData("90s", 90)]
    [InlineData("3m", 180)]
    [InlineData("2h", 7200)]
    [InlineData("1d", 86400)]
    [InlineData("+5", 5)]
    [InlineData(" 5", 5)]
    public void Durations(string text, long seconds)
    {
        Assert.True(ConfValue.TryTime(text, out var n));
        Assert.Equal(seconds, n);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("1.5h")]
    [InlineData("1h30m")]
    [InlineData("1H")]
    [InlineData("5ms")]
    [InlineData("5y")]
    [InlineData("-5")]
    [InlineData("0x10")]
    [InlineData("5 m")]
    [InlineData("99999999999999999999")]
    public void No_durations(string text) => Assert.False(ConfValue.TryTime(text, out _));

    [Theory]
    [InlineData("confg", "config")]
    [InlineData("Config", "config")]
    [InlineData("config", null)]
    [InlineData("entirely", null)]
    public void The_nearest_word_is_another_one(string word, string? nearest) => Assert.Equal(nearest, Nearest.To(word, ["config", "conn", "ca"]));
}
