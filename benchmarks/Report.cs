// What a benchmark measured: every value of every round, their medians, and the ratios between the products.
using System.Globalization;
using System.Text.Json.Nodes;
using Cygnet.Interop.Testbed;

namespace Cygnet.Benchmarks;

/// <summary>Collects measurements and prints them side by side.</summary>
sealed class Report(string benchmark)
{
    readonly List<(string Case, string Metric, Product Product, double Value)> values = [];
    readonly List<(string Case, Product Product, string Why)> lacking = [];

    public void Add(string @case, string metric, Product product, double value) => values.Add((@case, metric, product, value));

    /// <summary>A case that a product cannot be measured in, and why; said once.</summary>
    public void Lacks(string @case, Product product, string why)
    {
        if (!lacking.Contains((@case, product, why)))
            lacking.Add((@case, product, why));
    }

    /// <summary>One row a metric: Cygnet, strongSwan, and how many times the one is the other.</summary>
    public void Print(TextWriter to)
    {
        to.WriteLine();
        to.WriteLine($"{"case",-40} {"metric",-28} {"Cygnet: median (min to max)",-32} {"strongSwan: median (min to max)",-32} ratio");
        foreach (var row in values.GroupBy(v => (v.Case, v.Metric)))
        {
            double[] ours = Of(row, Product.Cygnet), theirs = Of(row, Product.StrongSwan);
            var ratio = ours.Length > 0 && theirs.Length > 0 && Median(theirs) > 0 ? (Median(ours) / Median(theirs)).ToString("0.00", CultureInfo.InvariantCulture) : "";
            to.WriteLine($"{row.Key.Case,-40} {row.Key.Metric,-28} {Text(ours),-32} {Text(theirs),-32} {ratio}");
        }
        to.WriteLine("ratio: Cygnet's median divided by strongSwan's");
        foreach (var (name, product, why) in lacking)
            to.WriteLine($"{name}: {product} not measured: {why}");
    }

    /// <summary>Writes everything as JSON under artifacts; answers the path.</summary>
    public string Save()
    {
        var rows = new JsonArray();
        foreach (var row in values.GroupBy(v => (v.Case, v.Metric)))
        {
            var json = new JsonObject { ["case"] = row.Key.Case, ["metric"] = row.Key.Metric };
            foreach (var product in row.GroupBy(v => v.Product))
            {
                double[] all = [.. product.Select(v => v.Value)];
                json[product.Key.ToString()] = new JsonObject { ["median"] = Median(all), ["values"] = new JsonArray([.. all.Select(v => JsonValue.Create(v))]) };
            }
            rows.Add(json);
        }
        var document = new JsonObject
        {
            ["benchmark"] = benchmark,
            ["at"] = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["processor"] = File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("model name", StringComparison.Ordinal)).Split(": ")[1],
            ["cores"] = Environment.ProcessorCount,
            ["kernel"] = File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
            ["rows"] = rows,
            ["lacking"] = new JsonArray([.. lacking.Select(l => new JsonObject { ["case"] = l.Case, ["product"] = l.Product.ToString(), ["why"] = l.Why })]),
        };
        var folder = Environment.GetEnvironmentVariable("BENCH_RESULTS") ?? Path.GetTempPath();
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, benchmark + ".json");
        File.WriteAllText(path, document.ToString());
        return path;
    }

    static double[] Of(IEnumerable<(string, string, Product Product, double Value)> row, Product product) =>
        [.. row.Where(v => v.Product == product).Select(v => v.Value)];

    static string Text(double[] all) => all.Length == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{Median(all):0.##} ({all.Min():0.##} to {all.Max():0.##})");

    static double Median(double[] all)
    {
        double[] sorted = [.. all.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
