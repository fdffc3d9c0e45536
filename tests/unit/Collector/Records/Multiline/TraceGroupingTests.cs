using System.Text;
using Tributary.Collector.Records.Multiline;
using Tributary.Config;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Records.Multiline;

public sealed class TraceGroupingTests
{
    private static readonly byte[][] Lines =
        [.. """
            2026-11-21 10:00:00 INFO something ordinary of about the usual length happened here
            java.lang.X: a
            	at com.example.A.a(A.java:1)
            	... 12 more
            Caused by: b
            Traceback (most recent call last):
              File "a.py", line 1, in <module>
                f()
            ValueError: bad
            During handling of the above exception, another exception occurred:
            panic: oh
            [signal SIGSEGV]
            goroutine 1 [running]:
            main.main()
            	/app/main.go:8 +0x1d
            exit status 2
            rax    0x0
             ---> System.Exception: x
               at App.B.Run()<---
            --- End of
            fail: App[0]
                  Something
            a.rb:5:in `foo': boom (RuntimeError)
            	from a.rb:9:in `bar'
            a.rb:9:in `bar'
            X::Error (boom):
            /app/index.js:3
                ^
                at f (/app/index.js:3:11) {
            }
            Node.js v20

            '
            {
            (
            -
            g
            /
            	
            ... 
            at 
                at 
            """.Split('\n').SelectMany(l => new[] { l, l + "\r" }).Select(Encoding.UTF8.GetBytes)];

    [Fact]
    public void Whatever_a_checkpoint_says_and_a_file_holds_it_gives_a_verdict_and_a_head_is_judged_by_itself()
    {
        var random = new Random(3);
        var grouping = new TraceGrouping(MultilinePreset.Auto);
        for (var i = 0; i < 200_000; i++)
        {
            var line = Lines[random.Next(Lines.Length)].AsSpan();
            line = random.Next(4) == 0 ? line[..random.Next(line.Length + 1)] : line;
            var (state, open) = (random.Next(-2, 70), random.Next(3) == 0 ? [] : Lines[random.Next(Lines.Length)]);
            var verdict = grouping.Judge(true, ref state, open, line);

            var fresh = 0;
            Assert.Equal(LineVerdict.Begins, grouping.Judge(false, ref fresh, default, line));
            if (verdict == LineVerdict.Begins)
            {
                Assert.Equal(fresh, state);
            }
        }
    }

    [Fact]
    public void It_allocates_nothing_for_a_line()
    {
        var grouping = new TraceGrouping(MultilinePreset.Auto);
        Judge(grouping);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Judge(grouping);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void Judge(TraceGrouping grouping)
    {
        var state = 0;
        foreach (var line in Lines)
        {
            grouping.Judge(true, ref state, Lines[1], line);
        }
    }
}
