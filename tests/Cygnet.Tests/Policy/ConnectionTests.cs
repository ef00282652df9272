// An update must notice a change of any setting: equality of the model counts every property, found by reflection.
using System.Collections.Immutable;
using System.Reflection;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Tests.Policy;

public class ConnectionTests
{
    public static TheoryData<string, string> Settings()
    {
        var all = new TheoryData<string, string>();
        foreach (var type in (Type[])[typeof(Connection), typeof(ChildConfig), typeof(AuthRound), typeof(Lifetimes)])
            foreach (var property in Writable(type)) all.Add(type.Name, property.Name);
        return all;
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public void Every_setting_counts(string type, string setting)
    {
        var (a, b) = (Make(type), Make(type));
        Assert.Equal(a, b);
        var property = a.GetType().GetProperty(setting)!;
        property.SetValue(b, Other(property.PropertyType, property.GetValue(a)));
        Assert.NotEqual(a, b);
        Assert.NotEqual(b, a);
    }

    static IEnumerable<PropertyInfo> Writable(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite);

    static object Make(string type) => type switch
    {
        nameof(Connection) => new Connection { Name = "net" },
        nameof(ChildConfig) => new ChildConfig { Name = "net" },
        nameof(AuthRound) => new AuthRound(),
        _ => new Lifetimes(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero),
    };

    /// <summary>A value of the type that is not the given one.</summary>
    static object Other(Type type, object? value)
    {
        if (type.IsEnum) return Enum.GetValues(type).Cast<object>().First(v => !v.Equals(value));
        if (type == typeof(string)) return (string?)value + "x";
        if (type == typeof(int?)) return ((int?)value ?? 0) + 1;
        if (type == typeof(Identity)) return Identity.FromAddress(Address.Parse("192.0.2.7"));
        return value switch
        {
            bool b => !b,
            int i => i + 1,
            uint i => i + 1,
            ushort i => (ushort)(i + 1),
            byte i => (byte)(i + 1),
            ulong i => i + 1,
            TimeSpan t => t + TimeSpan.FromSeconds(1),
            Mark m => m with { Value = m.Value + 1 },
            Lifetimes l => l with { LifeBytes = l.LifeBytes + 1 },
            ImmutableArray<string> l => l.Add("x"),
            ImmutableArray<byte[]> l => l.Add([1]),
            ImmutableArray<Address> l => l.Add(Address.Any4),
            ImmutableArray<Proposal> l => l.Add(new(SecurityProtocol.Esp, [])),
            ImmutableArray<AuthRound> l => l.Add(new()),
            ImmutableArray<ChildConfig> l => l.Add(new() { Name = "x" }),
            ImmutableArray<TrafficSelector> l => l.Add(TrafficSelector.Dynamic),
            _ => throw new NotSupportedException($"no other value is known for {type}"),
        };
    }
}
